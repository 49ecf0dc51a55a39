"""A live stream allocates nothing per frame, and memory stays bounded."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from irvis.engine import Engine, open_engine
from irvis.engine.artifact import shipped
from irvis.engine.pool import KEPT, OutputPool
from irvis.settings import EngineSettings

SIZE = (640, 480)


def test_openvino_allocates_no_picture_per_frame(artifact: Path) -> None:
    engine = open_engine(EngineSettings(artifact=str(artifact), kind="openvino", threads=1), SIZE)
    visible, infrared = np.zeros((480, 640, 3), np.uint8), np.zeros((480, 640), np.uint8)
    for _ in range(5):
        engine.fuse(visible, infrared)
    tracemalloc.start()
    for _ in range(300):
        engine.fuse(visible, infrared)
    left_bytes, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < infrared.nbytes / 2
    assert left_bytes < infrared.nbytes / 2


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("size", [(320, 256), (316, 240)], ids=["whole", "padded"])
def test_openvino_takes_no_memory_from_the_system_per_frame(
    name: str, size: tuple[int, int], memory_taken: Callable[[Engine, tuple[int, int]], float]
) -> None:
    engine = open_engine(EngineSettings(artifact=name, kind="openvino", threads=1), size)
    assert memory_taken(engine, size) < size[0] * size[1] / 4


def test_openvino_memory_stays_as_it_is_over_hundreds_of_frames() -> None:
    engine = open_engine(EngineSettings(kind="openvino", threads=1), (160, 128))
    pairs = [(np.zeros((128, side, 3), np.uint8), np.zeros((128, side), np.uint8)) for side in (160, 150)]

    def resident_after(frames: int) -> int:
        for place in range(frames):
            engine.fuse(*pairs[place % len(pairs)])
        return psutil.Process().memory_info().rss

    # Others in this process take memory now and then: the usual one of three rounds counts.
    resident = [resident_after(40), *(resident_after(300) for _ in range(3))]
    assert np.median(np.diff(resident)) < 300 * pairs[0][1].nbytes / 4


def test_an_array_that_is_held_is_not_given_again() -> None:
    pool = OutputPool()
    held = pool.take((2, 3))[0]
    assert not np.shares_memory(held, pool.take((2, 3)))


def test_an_array_that_was_let_go_is_given_again() -> None:
    pool = OutputPool()
    place = pool.take((2, 3)).ctypes.data
    assert pool.take((2, 3)).ctypes.data == place


def test_pool_keeps_a_bounded_number_of_arrays() -> None:
    pool = OutputPool()
    held = [pool.take((2, 3)) for _ in range(3 * KEPT)]
    assert len({array.ctypes.data for array in held}) == 3 * KEPT
    assert len(pool._arrays) == KEPT
