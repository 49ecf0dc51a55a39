"""Who is in the street and when: the timetable of everything that moves."""

from .actors import Actor, Cutout
from .bikes import GEAR_M, draw_bike, draw_rider
from .camera import Camera
from .config import SceneConfig
from .course import Course
from .light import BGR, Lighting
from .objects import CLASS_IDS, SeenBy
from .people import LOOKS, PHASES, draw_figure
from .texture import rng_for
from .vehicles import Car

_PAINTS: tuple[BGR, ...] = (
    (0.62, 0.60, 0.58),
    (0.30, 0.12, 0.08),
    (0.10, 0.09, 0.50),
    (0.50, 0.52, 0.52),
    (0.60, 0.45, 0.14),
    (0.10, 0.35, 0.62),
)


def hire(config: SceneConfig, camera: Camera, lighting: Lighting) -> list[Actor]:
    """Every actor of the street."""
    if not config.traffic:
        return []
    rng = rng_for(config.seed, "cast")
    looks, paints = rng.permutation(len(LOOKS) - 1).tolist(), rng.permutation(len(_PAINTS)).tolist()
    looks.insert(3, len(LOOKS) - 1)
    px_per_m = min(max(camera.focal_px / 7, 40), 150)
    steady = Course.steady
    walkers = (
        (0, 0, steady((-11, 12.2), (8.5, 12.2), 1.35, 22.0)),
        (1, 180, steady((8.5, 13.3), (-11.5, 13.3), 1.45, 26.5)),
        (2, 270, steady((3.35, 59.5), (2.2, 2.5), 1.25, 38.0)),
        (4, 90, steady((-9.6, 13), (-8.7, 75), 1.3, 40.0)),
        (5, 270, steady((-8.2, 72), (-9.3, 12), 1.3, 14.0)),
    )
    actors: list[Actor] = []
    for look, heading, course in walkers:
        far = look > 2
        figure = draw_figure(
            LOOKS[looks[look]], heading, lighting, px_per_m * (0.5 if far else 1), PHASES // (2 if far else 1)
        )
        actors.append(Cutout(1 + len(actors), camera, figure, course))
    behind_hedge = draw_figure(LOOKS[4], 250, lighting, px_per_m, 1)
    in_the_dark = draw_figure(LOOKS[3], 300, lighting, px_per_m, 1)
    seen: SeenBy = "infrared" if config.light == "night" else "both"
    actors.append(Cutout(20, camera, behind_hedge, Course((3.85, 10.5), (1, 0)), seen_by="infrared"))
    actors.append(Cutout(21, camera, in_the_dark, Course((-8.2, 13.9), (1, 0)), seen_by=seen))
    for number, start, end, when in (
        (22, (12.0, 18.6), (-17.0, 18.6), 24.5),
        (24, (-14.0, 10.4), (8.0, 10.4), 43.0),
    ):
        mirror = end[0] < start[0]
        bike = draw_bike((0.12, 0.30, 0.70) if mirror else (0.5, 0.4, 0.1), lighting, px_per_m, mirror)
        rider = draw_rider(LOOKS[4 if mirror else 5], lighting, px_per_m, mirror)
        ride = steady(start, end, 4.4, when)
        actors.append(Cutout(number, camera, bike, ride, CLASS_IDS["bike"], stride_m=GEAR_M))
        actors.append(Cutout(number + 1, camera, rider, ride, stride_m=GEAR_M))
    stop_and_go = ((0.0, 11.0), (10.5, 11.0), (15.0, 0.0), (25.0, 0.0), (28.0, 8.0), (31.5, 10.0))
    drives = (
        Course((-4.95, 163.0), (0, -1), stop_and_go, 14.0),
        Course((-4.95, 163.0), (0, -1), ((0.0, 11.0), (15.5, 11.0)), 46.0),
        Course((-0.85, -3.0), (0, 1), ((0.0, 8.0), (4.0, 11.0), (24.0, 11.0)), 2.0),
        Course((-0.85, -3.0), (0, 1), ((0.0, 9.0), (24.0, 10.0)), 9.0),
        Course((-18.0, 16.7), (1, 0), ((0.0, 7.0), (5.0, 7.5)), 21.5),
        Course((-18.0, 16.7), (1, 0), ((0.0, 6.5), (5.0, 7.5)), 33.5),
    )
    for paint, course in zip(paints, drives, strict=True):
        actors.append(Car(30 + len(actors), camera, lighting, course, _PAINTS[paint]))
    actors.append(Car(29, camera, lighting, Course((5.4, 20.0), (-1, 0)), (0.20, 0.24, 0.16), warm=False))
    return actors
