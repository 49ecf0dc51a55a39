"""Percentiles, rates and stage timers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irvis.timing import Percentiles, RateMeter, StageTimer


def test_no_durations_have_no_summary() -> None:
    assert Percentiles().summary() == {}


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=50))
def test_percentiles_are_ordered_and_within_the_durations(values_ms: list[float]) -> None:
    durations = Percentiles()
    for value_ms in values_ms:
        durations.add(value_ms)
    summary = durations.summary()
    assert list(summary) == ["p50", "p95", "p99"]
    assert min(values_ms) - 0.001 <= summary["p50"] <= summary["p95"] <= summary["p99"] <= max(values_ms) + 0.001


def test_percentiles_forget_beyond_their_capacity() -> None:
    durations = Percentiles(capacity=3)
    for value_ms in (1000, 1, 2, 3):
        durations.add(value_ms)
    assert len(durations) == 3
    np.testing.assert_allclose(durations.summary()["p50"], 2)


def test_one_frame_has_no_rate() -> None:
    meter = RateMeter()
    meter.tick()
    assert (meter.count, meter.recent_fps(), meter.mean_fps()) == (1, 0.0, 0.0)


def test_rates_count_the_steps_between_frames() -> None:
    meter = RateMeter()
    for _ in range(10):
        meter.tick()
    assert meter.count == 10
    assert meter.mean_fps() > 0
    assert meter.recent_fps() > 0


def test_recent_rate_forgets_old_frames() -> None:
    meter = RateMeter(window_s=0.0)
    meter.tick()
    meter.tick()
    assert meter.recent_fps() == 0.0


def test_stage_timer_times_a_stage_that_fails() -> None:
    stages = StageTimer()
    try:
        with stages("engine"):
            raise ValueError
    except ValueError:
        pass
    assert stages.spent_ms["engine"] >= 0
