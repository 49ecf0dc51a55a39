"""What the fusion node does to one pair: align the infrared, run the engine, keep the time."""

import threading
import time
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from irvis.captions import Line, caption, paste, text_height_px
from irvis.engine import Engine, open_engine
from irvis.frame import FramePair, InfraredState, Pixels, RegistrationState
from irvis.rig import Size, load_rig
from irvis.settings import CameraSource, PipelineConfig, SyntheticSource
from irvis.timing import StageTimer

from .align import Aligner
from .watch import RegistrationWatch

STUB_LEVEL = 40


@dataclass(frozen=True, slots=True, eq=False)
class FusedPair:
    """A pair and what the engine made of it.

    Attributes:
        pair: What came in.
        infrared: (H, W) uint8, what was fed to the engine as infrared.
        fused: (H, W, 3) BGR uint8.
        labels: (H, W) uint8 class ids.
        stages_ms: Time spent so far by stage [ms].
        finished_s: When it was finished [s, perf_counter].
    """

    pair: FramePair
    infrared: Pixels
    fused: Pixels
    labels: Pixels
    stages_ms: dict[str, float]
    finished_s: float


class Fuser:
    """A rig and an engine.

    Args:
        config: Its `rig` and `engine` say which.
        watch: Where the watch on the registration reports in words; without, nobody watches.

    Raises:
        RigError: The rig can't be read, or can't know the plane that `align` asks for.
    """

    def __init__(self, config: PipelineConfig, watch: dict[str, str] | None = None) -> None:
        self._settings = config.engine
        self._aligner = Aligner(load_rig(config.rig) if config.rig else None, config.align.plane_m)
        self._watch = None if watch is None else RegistrationWatch(config.align, self._aligner, watch)
        self._aligning = threading.Lock()
        self._engine: Engine | None = None

    def open(self, size: Size) -> Engine:
        """Load the engine for frames of this width and height [px]; later calls return the same one.

        Raises:
            ConfigError: No artifact or engine has the configured name.
            EngineError: The engine can't be loaded.
        """
        if self._engine is None:
            engine = open_engine(self._settings, size)
            # Each stream's first call takes up to a second more.
            for _ in range(engine.streams):
                engine.fuse(np.zeros((size[1], size[0], 3), np.uint8), np.zeros((size[1], size[0]), np.uint8))
            self._engine = engine
        return self._engine

    @property
    def rig_id(self) -> str:
        """Of the rig in use."""
        return self._aligner.rig_id

    @property
    def infrared_delay_ms(self) -> float:
        """By how much the infrared's stamps are late, as the rig says [ms]."""
        return self._aligner.rig.infrared_delay_ms if self._aligner.rig else 0.0

    @property
    def registration(self) -> RegistrationState | None:
        """How the pictures lie on each other; None where nobody watches, and before the first sure estimate."""
        return self._watch.state if self._watch else None

    def fuse(self, pair: FramePair) -> FusedPair:
        """Align and fuse a pair; where one camera is lost, the other's brightness stands in for it.

        Where both are, the picture says so, and the engine is left alone.

        After `open`, several threads may be in here at once; the engine takes as many as it has streams.

        Raises:
            RigError: A picture has another aspect ratio than the rig was measured at.
            EngineError: The engine failed.
        """
        stages = StageTimer()
        visible = pair.visible.pixels
        height, width = visible.shape[:2]
        if pair.visible_lost and pair.infrared is None:
            nothing = np.zeros((height, width), np.uint8)
            return FusedPair(pair, nothing, _stub(width, height), nothing, {}, time.perf_counter())
        engine = self.open((width, height))
        with stages("align"):
            if pair.infrared is None:
                infrared = np.asarray(cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY), np.uint8)
            else:
                with self._aligning:
                    infrared = self._aligner.align(pair.infrared.pixels, (width, height))
                if self._watch and pair.infrared_state is InfraredState.LIVE and not pair.visible_lost:
                    self._watch.look(visible, infrared)
        if pair.visible_lost:
            visible = np.asarray(cv2.cvtColor(infrared, cv2.COLOR_GRAY2BGR), np.uint8)
        with stages("infer"):
            fused, labels = engine.fuse(visible, infrared)
        return FusedPair(pair, infrared, fused, labels, stages.spent_ms, time.perf_counter())


@lru_cache(maxsize=1)
def _stub(width: int, height: int) -> Pixels:
    """What is shown when neither camera gives anything."""
    picture = np.full((height, width, 3), STUB_LEVEL, np.uint8)
    text = caption((Line("no camera gives a picture"),), text_height_px(height))
    top, left = max(0, (height - text.shape[0]) // 2), max(0, (width - text.shape[1]) // 2)
    paste(picture[top:, left:], text)
    picture.flags.writeable = False
    return picture


def expected_size(config: PipelineConfig) -> Size | None:
    """Width and height [px] that visible frames will have; None where only the first frame can tell."""
    source = config.visible
    if config.capture.size:
        return config.capture.size
    if isinstance(source, SyntheticSource):
        return source.scene.width, source.scene.height
    if isinstance(source, CameraSource) and source.width and source.height:
        return source.width, source.height
    return None
