"""Who is in the street and when: the timetable of everything that moves."""

from .actors import Actor, Path, Person
from .camera import Camera
from .config import SceneConfig
from .light import Lighting
from .people import LOOKS, PHASES, draw_figure


def hire(config: SceneConfig, camera: Camera, lighting: Lighting) -> list[Actor]:
    """Every actor of the street, drawn and ready."""
    if not config.traffic:
        return []
    px_per_m = min(max(camera.focal_px / 7, 40), 150)
    walkers = (
        (0, 0, Path((-11, 12.3), (8.5, 12.3), 1.35, 1.0)),
        (1, 180, Path((8.5, 13.2), (-11.5, 13.2), 1.45, 4.0)),
        (2, 270, Path((2.6, 40), (2.2, 2.5), 1.2, 0.0)),
        (4, 90, Path((-8.4, 16), (-8.6, 60), 1.3, 0.0)),
        (5, 270, Path((-8.8, 58), (-8.3, 17), 1.25, 10.0)),
    )
    actors: list[Actor] = []
    for look, heading, path in walkers:
        figure = draw_figure(LOOKS[look], heading, lighting, px_per_m, PHASES)
        actors.append(Person(1 + len(actors), camera, figure, path))
    return actors
