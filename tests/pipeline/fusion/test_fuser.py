"""The size that an engine is loaded for, before the first frame."""

import pytest

from irvis.settings import PipelineConfig
from pipeline.fusion.fuser import expected_size

SYNTHETIC = {"kind": "synthetic", "scene": {"width": 320, "height": 240}}
CAMERA = {"kind": "camera", "device": 0, "width": 1280, "height": 720}


@pytest.mark.parametrize(
    ("visible", "capture", "size"),
    [
        (SYNTHETIC, {}, (320, 240)),
        (CAMERA, {}, (1280, 720)),
        (CAMERA, {"size": [640, 360]}, (640, 360)),
        ({"kind": "camera", "device": 0}, {}, None),
        ({"kind": "file", "path": "x.mp4"}, {}, None),
    ],
)
def test_the_size_is_known_where_the_configuration_says_it(
    visible: dict[str, object], capture: dict[str, object], size: tuple[int, int] | None
) -> None:
    config = PipelineConfig.model_validate({"visible": visible, "infrared": SYNTHETIC, "capture": capture})
    assert expected_size(config) == size
