"""What speaks against a solved rig, though it was solved: said to the user, who may still want it."""

from .cameras import MANY_VIEWS, Lens
from .solve import Solution
from .swapped import signs
from .views import Views

GOOD_PX = 1.0
SHORTEST_WIDTHS, LONGEST_WIDTHS = 0.4, 8.0
"""Focal lengths of cameras, in widths of the picture: fields of view of 103 to 7 degrees."""
INSTEAD = (
    "take 15 pairs with the board tilted by 20 to 40 degrees, near and far, all over both pictures; or do without "
    "lenses: `irvis calibrate register --method board`"
)


def doubts(solution: Solution, views: Views) -> list[str]:
    """Reasons not to trust a rig, none where it looks sound."""
    found = []
    if solution.stereo_rms_px > GOOD_PX:
        found.append(
            f"{solution.stereo_rms_px:.1f} px RMS; expected below {GOOD_PX:g}: check the board's sizes "
            "(--square-mm, --marker-mm, --gap-mm, --row-gap-mm), and that each pair was taken at one time"
        )
    for name, lens, size in (
        ("visible", solution.visible, views.visible_size),
        ("infrared", solution.infrared, views.infrared_size),
    ):
        found += _of_lens(name, lens, size[0])
    used = len(views.used())
    if used < MANY_VIEWS:
        found.append(f"{used} views; expected {MANY_VIEWS} or more")
    found += [f"{sign}: if the folders are exchanged, change them back" for sign in signs(views)]
    return found


def _of_lens(name: str, lens: Lens, width: int) -> list[str]:
    found = []
    focal_px = float(lens.K[0, 0])
    shortest_px, longest_px = SHORTEST_WIDTHS * width, LONGEST_WIDTHS * width
    if not shortest_px <= focal_px <= longest_px:
        found.append(
            f"the {name} camera's focal length is {focal_px:.0f} px; expected {shortest_px:.0f} to "
            f"{longest_px:.0f} for pictures {width} px wide: the board hardly tilts, or its sizes are wrong"
        )
    if lens.is_held:
        found.append(
            f"the {name} camera's views are few or all alike: its focal length ({focal_px:.0f} px) is "
            "uncertain, and the principal point was put in the middle"
        )
    return found
