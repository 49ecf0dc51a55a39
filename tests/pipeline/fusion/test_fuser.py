"""What the configuration decides: size and frames at once that an engine is for."""

import pytest

from irvis.settings import PipelineConfig
from pipeline.fusion.fuser import Fuser, expected_size

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


@pytest.mark.parametrize(
    ("link", "engine", "streams"), [("latest", {}, 1), ("lossless", {}, 2), ("latest", {"streams": 3}, 3)]
)
def test_a_live_frame_has_the_engine_to_itself_unless_more_are_asked_for(
    link: str, engine: dict[str, object], streams: int
) -> None:
    config = PipelineConfig.model_validate(
        {
            "visible": SYNTHETIC,
            "infrared": SYNTHETIC,
            "sync": {"link": link},
            "engine": {"kind": "onnx", "threads": 1, **engine},
        }
    )
    assert Fuser(config).open((32, 24)).streams == streams
