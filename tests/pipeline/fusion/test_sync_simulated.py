"""Pairing on a simulated rig whose truth is known: slow, late, lossy infrared beside a fast visible camera."""

import heapq
from dataclasses import replace
from random import Random
from typing import NamedTuple

import numpy as np
import pytest

from irvis.clock import NS_PER_MS, NS_PER_S
from irvis.frame import Frame, FramePair, InfraredState, Modality
from irvis.remote_clock import ClockTracker
from irvis.settings import Sync
from pipeline.fusion.sync import PairSync

VISIBLE, INFRARED = Modality.VISIBLE, Modality.INFRARED
PIXELS = np.zeros((1, 1), np.uint8)
HZ = {VISIBLE: 30.0, INFRARED: 9.0}
LATENCY_MS = {VISIBLE: 15.0, INFRARED: 95.0}
JITTER_MS = 8.0
LOSS = 0.1
DRIFT_PPM = 100.0
SECONDS = 300
SLOP_MS = 20.0
START_NS = 1_700_000_000 * NS_PER_S


class Arrival(NamedTuple):
    """A frame on its way, in the order in which it comes."""

    at_ns: int
    number: int
    frame: Frame


class RemoteClock:
    """The clock of the infrared camera's host."""

    def __init__(self, offset_ms: float) -> None:
        self._offset_ns = round(offset_ms * NS_PER_MS)

    def reading(self, true_ns: int) -> int:
        return true_ns + self._offset_ns + round((true_ns - START_NS) * DRIFT_PPM / 1e6 if self._offset_ns else 0)


def arrivals(random: Random, clock: RemoteClock) -> tuple[list[Arrival], dict[Modality, dict[int, int]]]:
    """Everything that comes, by time of arrival, and when each frame was truly taken."""
    coming: list[Arrival] = []
    taken: dict[Modality, dict[int, int]] = {VISIBLE: {}, INFRARED: {}}
    for modality, hz in HZ.items():
        period_ns = NS_PER_S / hz * (1 + DRIFT_PPM / 1e6 * (modality is INFRARED))
        last_ns = 0
        for seq in range(round(SECONDS * hz)):
            true_ns = START_NS + round(seq * period_ns + random.uniform(-0.3, 0.3) * NS_PER_MS)
            underway_ms = LATENCY_MS[modality] + random.uniform(0, JITTER_MS)
            last_ns = at_ns = max(last_ns + 1, true_ns + round(underway_ms * NS_PER_MS))
            if random.random() < LOSS:
                continue
            taken[modality][seq] = true_ns
            stamp_ns = clock.reading(true_ns) if modality is INFRARED else true_ns
            coming.append(Arrival(at_ns, len(coming), Frame(modality, PIXELS, stamp_ns, stamp_ns, seq, 1)))
    return sorted(coming), taken


def run(
    coming: list[Arrival], clock: RemoteClock, tracker: ClockTracker | None, random: Random
) -> list[FramePair]:
    """Pair what comes, as the fusion node does: looking when a frame comes and when a wait is over."""
    sync, pairs, ask_ns = PairSync(Sync(slop_ms=SLOP_MS)), [], START_NS
    heapq.heapify(coming)
    while coming:
        now_ns, _, frame = heapq.heappop(coming)
        if tracker:
            while ask_ns <= now_ns:
                read_ns = ask_ns + round(random.expovariate(1 / 300_000)) + 50_000
                back_ns = round(random.expovariate(1 / 300_000)) + 50_000
                assert not tracker.add(ask_ns, clock.reading(read_ns), read_ns + back_ns)
                ask_ns += NS_PER_S // 2
            if frame.modality is INFRARED and tracker.estimate:
                frame = replace(frame, stamp_ns=tracker.estimate.to_local(frame.stamp_ns))
        pairs += decided(sync, now_ns)  # whose wait was over before this frame came
        sync.push(frame, now_ns)
        pairs += decided(sync, now_ns)
    return pairs


def decided(sync: PairSync, now_ns: int) -> list[FramePair]:
    return list(iter(lambda: sync.pop(now_ns), None))


@pytest.mark.parametrize("offset_ms", [0.0, 3_600_000.0], ids=["one host", "two hosts, an hour apart"])
def test_nearly_all_possible_pairs_are_made_and_none_is_wrong(offset_ms: float) -> None:
    random, clock = Random(7), RemoteClock(offset_ms)
    coming, taken = arrivals(random, clock)
    tracker = ClockTracker() if offset_ms else None
    pairs = run(coming, clock, tracker, random)

    sure_ns = round(1.0 * NS_PER_MS) if tracker else 0
    infrared_ns = np.array(list(taken[INFRARED].values()))
    infrared_seq = np.array(list(taken[INFRARED]))
    possible = made = wrong = held = 0
    by_seq = {pair.visible.seq: pair for pair in pairs}
    for seq, true_ns in taken[VISIBLE].items():
        off_ns = np.abs(infrared_ns - true_ns)
        nearest = int(off_ns.argmin())
        pair = by_seq.get(seq)
        live = pair is not None and pair.infrared_state is InfraredState.LIVE
        right = (
            live and pair is not None and pair.infrared is not None and pair.infrared.seq == infrared_seq[nearest]
        )
        wrong += live and not (right and off_ns[nearest] <= SLOP_MS * NS_PER_MS + sure_ns)
        held += pair is not None and pair.infrared_state is InfraredState.HELD
        if off_ns[nearest] <= SLOP_MS * NS_PER_MS - sure_ns:
            possible += 1
            made += right
    assert possible > 2000
    assert wrong == 0
    assert made / possible >= 0.999, f"{made} of {possible}"
    assert len(pairs) >= len(taken[VISIBLE]) - 8, "the last ones still wait"
    assert held > 0.8 * (len(taken[VISIBLE]) - possible), "between its frames a slow infrared is held"


def test_frames_of_one_trigger_pulse_are_a_pair_whatever_their_stamps() -> None:
    sync = PairSync(Sync(by="trigger"))
    pairs: list[FramePair] = []
    for pulse in range(30):
        for modality, late_ms in ((VISIBLE, 0), (INFRARED, 75)):
            stamp_ns = START_NS + (40 * pulse + late_ms) * NS_PER_MS
            if modality is VISIBLE or pulse != 20:
                sync.push(Frame(modality, PIXELS, stamp_ns, 0, pulse, 1, trigger=pulse), stamp_ns)
        pairs += decided(sync, START_NS + (40 * pulse + 75) * NS_PER_MS)
    live = [pair for pair in pairs if pair.infrared_state is InfraredState.LIVE]
    assert all(pair.infrared and pair.infrared.trigger == pair.visible.trigger for pair in live)
    assert [pair.visible.seq for pair in pairs if pair not in live] == [20]
    assert len(pairs) == 30
