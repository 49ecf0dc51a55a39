"""The system that is measured: two synthetic cameras whose frames are drawn beforehand."""

from collections.abc import Sequence

from pydantic import ValidationError

from irvis.errors import ConfigError
from irvis.scene import SceneConfig
from irvis.settings import Capture, EngineSettings, PipelineConfig, Sink, Sync, SyntheticSource

PRERENDERED = 10
LIVE_FPS = 25.0


def system(
    engine: EngineSettings, size: tuple[int, int], *, live: bool, sinks: Sequence[Sink] = ()
) -> PipelineConfig:
    """A system of this engine.

    Args:
        engine: Which.
        size: Width and height of both cameras' frames [px].
        live: At `LIVE_FPS` over latest links; otherwise flat out over lossless ones.
        sinks: Where fused frames go.

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
        capture=Capture(pace=1 if live else 0),
        sync=Sync(link="latest" if live else "lossless"),
        engine=engine,
        sinks=list(sinks),
    )
