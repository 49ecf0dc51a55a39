"""The system that is measured: two synthetic cameras whose frames are drawn beforehand."""

from pathlib import Path

from pydantic import ValidationError

from irvis.errors import ConfigError
from irvis.scene import SceneConfig
from irvis.settings import Capture, EngineSettings, PipelineConfig, Sync, SyntheticSource, VideoSink

PRERENDERED = 10
LIVE_FPS = 25.0


def system(engine: EngineSettings, size: tuple[int, int], recording: Path | None) -> PipelineConfig:
    """A system of this engine: live with its overlay recorded, or flat out without.

    Args:
        engine: Which.
        size: Width and height of both cameras' frames [px].
        recording: Where the overlay goes, as MP4, at `LIVE_FPS` over latest links; None is over lossless ones.

    Raises:
        ConfigError: The synthetic street can't be drawn at this size.
    """
    width, height = size
    try:
        scene = SceneConfig(width=width, height=height, ir_width=width, ir_height=height)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        raise ConfigError(
            f"--size {width}x{height}: the synthetic street can't be drawn ({first['loc'][0]}: {first['msg']})"
        ) from exc
    source = SyntheticSource(scene=scene, fps=LIVE_FPS, prerender=PRERENDERED)
    return PipelineConfig(
        visible=source,
        infrared=source,
        capture=Capture(pace=1 if recording else 0),
        sync=Sync(link="latest" if recording else "lossless"),
        engine=engine,
        sinks=[VideoSink(path=recording, layout="overlay")] if recording else [],
    )
