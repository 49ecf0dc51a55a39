"""The engine that needs no network."""

import numpy as np

from irvis.engine import open_engine
from irvis.settings import EngineSettings


def test_average_is_the_mean_with_background_labels() -> None:
    engine = open_engine(EngineSettings(kind="average"), (4, 2))
    visible = np.full((2, 4, 3), (10, 20, 30), np.uint8)
    fused, labels = engine.fuse(visible, np.full((2, 4), 50, np.uint8))
    assert fused[0, 0].tolist() == [30, 35, 40]
    assert not labels.any()
