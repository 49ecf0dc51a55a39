"""A remote clock is known to within its stated uncertainty, through jitter, drift and being set."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from irvis.clock import NS_PER_MS, NS_PER_S
from irvis.remote_clock import ClockTracker

INTERVAL_NS = NS_PER_S // 2


class RemoteHost:
    """A clock with an error, behind a network with jitter that is worse one way."""

    def __init__(self, seed: int, offset_ns: int, drift_ppm: float, jitter: int = 1) -> None:
        self.offset_ns, self._drift_ppm, self._jitter = offset_ns, drift_ppm, jitter
        self._random = Random(seed)

    def error_ns(self, local_ns: int) -> int:
        return self.offset_ns + round(local_ns * self._drift_ppm / 1e6)

    def ask(self, tracker: ClockTracker, local_ns: int) -> bool:
        there_ns = round(self._jitter * self._random.expovariate(1 / 300_000)) + 50_000
        back_ns = round(self._jitter * self._random.expovariate(1 / 900_000)) + 50_000
        read_ns = local_ns + there_ns
        return tracker.add(local_ns, read_ns + self.error_ns(read_ns), read_ns + back_ns)


@settings(max_examples=25)
@given(st.integers(0, 99), st.integers(-(10**13), 10**13), st.floats(-200, 200))
def test_offset_and_drift_are_found_through_jitter(seed: int, offset_ns: int, drift_ppm: float) -> None:
    tracker, host = ClockTracker(), RemoteHost(seed, offset_ns, drift_ppm)
    jumped = [host.ask(tracker, turn * INTERVAL_NS) for turn in range(120)]
    now_ns = 120 * INTERVAL_NS
    known = tracker.estimate
    assert known is not None
    assert not any(jumped)
    assert abs(known.offset_at(now_ns) - host.error_ns(now_ns)) < NS_PER_MS
    assert abs(known.drift_ppm - drift_ppm) < 25
    assert known.uncertainty_ns < 2 * NS_PER_MS
    stamp_ns = now_ns + host.error_ns(now_ns)
    assert abs(known.to_local(stamp_ns) - now_ns) < NS_PER_MS


def test_the_first_exchange_already_bounds_the_offset() -> None:
    tracker = ClockTracker()
    tracker.add(1000, 5_001_500, 3000)
    assert tracker.estimate is not None
    assert abs(tracker.estimate.offset_ns - 5_000_000) <= tracker.estimate.uncertainty_ns


@settings(max_examples=25)
@given(st.integers(0, 99), st.sampled_from([-NS_PER_S, 3_600 * NS_PER_S, -40 * NS_PER_MS, 40 * NS_PER_MS]))
def test_a_clock_that_was_set_is_noticed_at_once_and_only_once(seed: int, jump_ns: int) -> None:
    tracker, host = ClockTracker(), RemoteHost(seed, 0, 100.0)
    for turn in range(60):
        assert not host.ask(tracker, turn * INTERVAL_NS)
    host.offset_ns += jump_ns
    jumped = [host.ask(tracker, turn * INTERVAL_NS) for turn in range(60, 90)]
    assert jumped[:4].count(True) == 1
    assert jumped.count(True) == 1
    assert tracker.estimate is not None
    assert tracker.estimate.jumps == 1
    now_ns = 90 * INTERVAL_NS
    assert abs(tracker.estimate.offset_at(now_ns) - host.error_ns(now_ns)) < NS_PER_MS


@settings(max_examples=25)
@given(st.integers(0, 99), st.sampled_from([30, 300, 1000]))
def test_a_busy_host_whose_answers_take_their_time_is_not_taken_for_a_clock_that_is_set(
    seed: int, jitter: int
) -> None:
    tracker, host = ClockTracker(), RemoteHost(seed, 0, 100.0, jitter)
    assert not any(host.ask(tracker, turn * INTERVAL_NS) for turn in range(60))
    host.offset_ns += 3_600 * NS_PER_S
    jumped = [host.ask(tracker, turn * INTERVAL_NS) for turn in range(60, 180)]
    assert jumped[0]
    assert jumped.count(True) == 1
    assert tracker.estimate is not None
    assert abs(tracker.estimate.drift_ppm) <= 300
    now_ns = 180 * INTERVAL_NS
    assert abs(tracker.estimate.offset_at(now_ns) - host.error_ns(now_ns)) <= tracker.estimate.uncertainty_ns
