"""Pacing: frames are due when their media time says."""

import time

import pytest

from irvis.clock import NS_PER_S, Pacer, now_ns
from irvis.errors import ConfigError


def test_now_is_unix_time() -> None:
    assert abs(now_ns() / NS_PER_S - time.time()) < 1


def test_rate_zero_never_waits() -> None:
    pacer = Pacer(0)
    assert [pacer.delay_s(second * NS_PER_S) for second in range(3)] == [0, 0, 0]


def test_first_frame_is_due_at_once() -> None:
    assert Pacer(1).delay_s(7 * NS_PER_S) == 0


@pytest.mark.parametrize(("rate", "wait_s"), [(1.0, 5.0), (2.0, 2.5), (0.5, 10.0)])
def test_later_frames_wait_for_their_media_time(rate: float, wait_s: float) -> None:
    pacer = Pacer(rate)
    pacer.delay_s(0)
    assert pacer.delay_s(5 * NS_PER_S) == pytest.approx(wait_s, abs=0.5)


def test_late_frames_do_not_wait() -> None:
    pacer = Pacer(1)
    pacer.delay_s(10 * NS_PER_S)
    assert pacer.delay_s(0) == 0


def test_media_time_that_is_due_goes_on_at_the_rate() -> None:
    pacer = Pacer(1e6)
    assert pacer.due_ns() is None
    pacer.delay_s(7 * NS_PER_S)
    first_ns, second_ns = pacer.due_ns(), pacer.due_ns()
    assert first_ns is not None
    assert second_ns is not None
    assert 7 * NS_PER_S <= first_ns < second_ns


def test_without_a_pace_nothing_is_due() -> None:
    pacer = Pacer(0)
    pacer.delay_s(0)
    assert pacer.due_ns() is None


def test_negative_rate_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"expected 0 .* or a positive rate"):
        Pacer(-1)
