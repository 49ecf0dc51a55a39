"""Whether the two cameras' pictures are in each other's folders: what speaks for it."""

from irvis.errors import DataError

from .views import Views

MOST_SHARE = 0.5
"""Of the views: more have to show a thing for it to be so."""


def signs(views: Views) -> list[str]:
    """What speaks for it, in words."""
    found = []
    if _are_exchanged(views):
        board = f"{views.target.kind} {views.target.columns}x{views.target.rows}"
        found.append(
            f"the visible pictures show the {board} board with black and white exchanged and the infrared ones do "
            "not"
        )
    if views.infrared_has_colours and not views.visible_has_colours:
        found.append("the infrared pictures have colours and the visible ones have none")
    if views.infrared_size[0] > views.visible_size[0]:
        sizes = "{}x{} against {}x{}".format(*views.infrared_size, *views.visible_size)
        found.append(f"the infrared pictures are larger than the visible ones ({sizes})")
    return found


def check_swapped(views: Views) -> None:
    """Refuse pictures in each other's folders.

    A chessboard's colours are told by what is around it alone, which on a dark plate is the other way round: they
    are believed where something else speaks for it too.

    Raises:
        DataError: They are.
    """
    found = signs(views)
    needed = 2 if views.target.kind == "chessboard" else 1
    if _are_exchanged(views) and len(found) >= needed:
        raise DataError(
            f"{', and '.join(found)}: the cameras seem swapped; exchange the folders, or --visible and --infrared"
        )


def _are_exchanged(views: Views) -> bool:
    """Whether black and white are exchanged in the visible pictures and not in the infrared ones."""
    vis = [view.visible.is_inverted for view in views.views if view.visible]
    ir = [view.infrared.is_inverted for view in views.views if view.infrared]
    return sum(vis) > MOST_SHARE * len(vis) and len(ir) - sum(ir) > MOST_SHARE * len(ir)
