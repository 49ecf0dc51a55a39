"""What was published and never came is found by its number, and only that."""

import numpy as np

from irvis.frame import Frame, FusedFrame, InfraredState, Modality, PairContract
from irvis.wire import end_of
from pipeline.transport.gaps import Gaps

PICTURE = np.zeros((4, 4, 3), np.uint8)
STREAM = 7


def frame(seq: int, stream_id: int = STREAM) -> Frame:
    return Frame(Modality.VISIBLE, PICTURE, 0, 0, seq, stream_id)


def fused(seq: int, **dropped: int) -> FusedFrame:
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine", {}, dropped)
    return FusedFrame(PICTURE, PICTURE[..., 0], 0, 0, 0, seq, STREAM, contract)


def test_gaps_in_a_stream_are_counted_and_a_new_stream_is_none() -> None:
    gaps = Gaps()
    assert [gaps.lost(frame(seq)) for seq in (4, 5, 9)] == [0, 0, 3]
    assert gaps.lost(frame(0, stream_id=8)) == 0


def test_the_end_tells_how_many_were_lost_before_it() -> None:
    gaps = Gaps()
    assert gaps.lost(frame(0)) == 0
    assert gaps.lost(end_of(8, 99)) == 0, "another stream's"
    assert gaps.lost(end_of(STREAM, 3)) == 2


def test_numbers_that_the_fusion_node_skipped_are_not_counted_again() -> None:
    gaps = Gaps()
    counted = [
        gaps.lost(fused(0)),
        gaps.lost(fused(3, pair_superseded=2, infrared_unmatched=9)),
        gaps.lost(fused(4, pair_superseded=5)),  # drops are told as they happen, before the gap is seen
        gaps.lost(fused(8, pair_superseded=5)),
    ]
    assert counted == [0, 0, 0, 0]


def test_what_a_restarted_fusion_node_did_not_see_is_lost() -> None:
    gaps = Gaps()
    assert [gaps.lost(fused(3)), gaps.lost(fused(10)), gaps.lost(fused(12, visible_late=1))] == [0, 6, 0]
