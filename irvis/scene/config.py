"""What one synthetic world is made of: every choice that changes a pixel is a field here."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Light = Literal["day", "dusk", "night"]


class SceneConfig(BaseModel):
    """The synthetic street and the two cameras that watch it; equal configs give equal pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seed: Annotated[int, Field(ge=0)] = 7
    """Chooses textures, trees, lit windows, clothes, paint and noise; any integer from 0."""
    width: Annotated[int, Field(ge=64, le=4096)] = 640
    """Width of the visible picture [px]."""
    height: Annotated[int, Field(ge=48, le=4096)] = 480
    """Height of the visible picture [px]."""
    ir_width: Annotated[int, Field(ge=64, le=4096)] = 640
    """Width of the infrared picture [px]."""
    ir_height: Annotated[int, Field(ge=48, le=4096)] = 480
    """Height of the infrared picture [px]."""
    light: Light = "night"
    """Time of day: daylight, dusk with the lamps just lit, or night."""
    noise: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Scale of both sensors' noise, 0 to 10: 0 is none, 1 a usual camera."""
    ir_shift_px: tuple[float, float] = (0.0, 0.0)
    """Where the infrared picture's centre falls, right and down of the visible one's [visible px]."""
    ir_scale: Annotated[float, Field(ge=0.25, le=4)] = 1.0
    """Size of the infrared view in the visible one, 0.25 to 4: 0.8 sees the middle 80 %."""
    ir_rotation_deg: Annotated[float, Field(ge=-180, le=180)] = 0.0
    """Roll of the infrared camera, clockwise in the visible picture [degrees]."""
    traffic: bool = True
    """Whether people, bikes and cars move through; without them the street stands still."""
