"""When a camera's stream begins."""

from contextlib import closing

import pytest

from irvis.frame import Modality
from irvis.settings import PipelineConfig
from irvis.topics import Topic
from pipeline.capture.stream import CameraStream
from pipeline.sources import open_source
from pipeline.transport import Subscriber

DEADLINE_S = 60.0


def test_a_recorder_on_a_latest_link_does_not_begin_the_stream_without_the_fusion_node(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("s")
    camera = {"kind": "synthetic", "scene": {"width": 64, "height": 48, "ir_width": 64, "ir_height": 48}}
    config = PipelineConfig.model_validate(
        {
            "visible": camera,
            "infrared": camera,
            "sync": {"link": "latest"},
            "sinks": [{"kind": "mcap", "path": folder / "out.mcap", "link": "latest"}],
            "endpoints": {topic: f"ipc://{folder / topic}" for topic in Topic},
        }
    )
    endpoint = config.endpoints.visible
    with (
        open_source(config.visible, Modality.VISIBLE) as source,
        closing(CameraStream(source, config)) as stream,
        closing(Subscriber(endpoint, Topic.VISIBLE)),
    ):
        assert not stream.wait_for_subscribers(0.5)
        with closing(Subscriber(endpoint, Topic.VISIBLE)):
            assert stream.wait_for_subscribers(DEADLINE_S)
