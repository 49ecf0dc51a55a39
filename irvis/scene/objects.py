"""What stands in the street: class ids of the label picture and the truth about each object."""

from dataclasses import dataclass
from typing import Literal

CLASS_IDS = {
    "unlabelled": 0,
    "car": 1,
    "person": 2,
    "bike": 3,
    "curve": 4,
    "car_stop": 5,
    "guardrail": 6,
    "color_cone": 7,
    "bump": 8,
}
"""Class name -> id, the nine classes of the MSRS label pictures."""

SeenBy = Literal["visible", "infrared", "both"]


@dataclass(frozen=True)
class SceneObject:
    """One object that has pixels in the label picture at the time asked for.

    Attributes:
        id: The object's number, the same at every time.
        class_id: Its class in the label picture, a value of `CLASS_IDS`.
        box: Left, top, right, bottom [visible px] of its labelled pixels; right and bottom exclusive.
        seen_by: Which camera has contrast on it.
        distance_m: Depth of the object along the optical axis [m].
    """

    id: int
    class_id: int
    box: tuple[int, int, int, int]
    seen_by: SeenBy
    distance_m: float
