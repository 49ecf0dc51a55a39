"""The account of a run: every frame is in one place, whatever died meanwhile."""

import msgspec

from pipeline.accounting.health import VERSION, NodeStatus, State
from pipeline.accounting.tally import NodeTally, add_up

Counts = dict[str, int]


def status(
    node: str, counts: Counts, dropped: Counts | None = None, pid: int = 1, state: State = "running"
) -> NodeStatus:
    return NodeStatus(VERSION, node, pid, state, counts, dropped or {}, 25.0, 25.0, {}, {}, 0)


def tally(name: str, *lives: NodeStatus) -> NodeTally:
    made = NodeTally(name)
    for life in lives:
        made.take(life)
    made.restarts = len(lives) - 1
    return made


def system(*tallies: NodeTally) -> dict[str, NodeTally]:
    return {each.name: each for each in tallies}


def test_lives_of_a_node_are_added_up() -> None:
    made = tally("fuse", status("fuse", {"fused": 5}, pid=1), status("fuse", {"fused": 7}, {"x": 2}, pid=2))
    assert (made.counts(), made.dropped()) == ({"fused": 12}, {"x": 2})


def test_newest_status_of_a_life_replaces_the_one_before() -> None:
    made = NodeTally("fuse")
    made.take(status("fuse", {"fused": 5}))
    made.take(status("fuse", {"fused": 7}))
    assert made.counts() == {"fused": 7}


def test_same_status_again_is_no_progress() -> None:
    made = NodeTally("fuse")
    assert made.take(status("fuse", {"fused": 5}))
    assert not made.take(status("fuse", {"fused": 5}))
    assert made.take(status("fuse", {"fused": 5}, state="draining"))


def test_pictures_made_up_for_cameras_that_have_gone_are_no_progress() -> None:
    made = NodeTally("fuse")
    assert made.take(status("fuse", {"visible_in": 5, "fused": 5}))
    assert not made.take(status("fuse", {"visible_in": 5, "fused": 5, "stub": 1}))
    assert not made.take(status("fuse", {"visible_in": 5, "fused": 7, "stub": 2}))
    assert made.take(status("fuse", {"visible_in": 6, "fused": 7, "stub": 2}))


def test_all_is_well() -> None:
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 9, "infrared": 8})),
            tally("fuse", status("fuse", {"paired": 9, "fused": 9})),
            tally("record", status("record", {"recorded": 9})),
        )
    )
    assert flow == ({"visible": 9, "infrared": 8}, {}, 9, 9, 9, {})


def test_drops_keep_their_reasons() -> None:
    dropped = {"visible_overflow": 2, "pair_superseded": 1, "infrared_unmatched": 4}
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 9, "infrared": 9}, {"visible_undecodable": 1})),
            tally("fuse", status("fuse", {"paired": 7, "fused": 6}, dropped)),
        )
    )
    assert flow.dropped == dropped | {"visible_undecodable": 1}
    assert flow.frames_in["visible"] == 6 + 2 + 1 + 1


def test_frames_that_vanished_in_a_killed_fusion_node_are_counted_as_restart() -> None:
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 20})),
            tally("fuse", status("fuse", {"fused": 5}, pid=1), status("fuse", {"fused": 9}, pid=2)),
        )
    )
    assert flow.dropped == {"node_restart": 6}


def test_recording_knows_what_a_killed_fusion_node_could_not_say() -> None:
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 20})),
            tally("fuse", status("fuse", {"fused": 5}, pid=1), status("fuse", {"fused": 9}, pid=2)),
            tally("record", status("record", {"recorded": 17}, {"lost_in_transport": 3})),
        )
    )
    assert (flow.fused, flow.recorded, flow.dropped) == (17, 17, {"node_restart": 3})


def test_frames_that_never_came_without_a_restart_are_lost_in_transport() -> None:
    flow = add_up(
        system(tally("capture", status("capture", {"visible": 20})), tally("fuse", status("fuse", {"fused": 18})))
    )
    assert flow.dropped == {"visible_lost_in_transport": 2}


def test_frames_that_vanished_in_a_killed_recorder_are_told_apart() -> None:
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 20})),
            tally("fuse", status("fuse", {"fused": 20})),
            tally("record", status("record", {"recorded": 8}, pid=1), status("record", {"recorded": 9}, pid=2)),
        )
    )
    assert flow.dropped == {"record_node_restart": 3}


def test_what_came_out_of_a_killed_capture_node_did_go_in() -> None:
    flow = add_up(
        system(tally("capture", status("capture", {"visible": 15})), tally("fuse", status("fuse", {"fused": 18})))
    )
    assert flow.frames_in["visible"] == 18
    assert flow.dropped == {}


def test_messages_that_are_no_frames_cost_no_frame() -> None:
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 9})),
            tally("fuse", status("fuse", {"fused": 9}, {"visible_undecodable": 1000})),
        )
    )
    assert flow.frames_in["visible"] == flow.fused == 9
    assert flow.dropped == {"messages_undecodable": 1000}


def test_what_a_window_skipped_costs_no_fused_frame() -> None:
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 9})),
            tally("fuse", status("fuse", {"fused": 9})),
            tally("window", status("window", {"shown": 4}, {"superseded": 5})),
        )
    )
    assert (flow.fused, flow.dropped) == (9, {"window_superseded": 5})


def test_pictures_without_visible_are_told_apart_from_visible_frames() -> None:
    counts = {"paired": 6, "infrared_only": 3, "stub": 1, "fused": 9}
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 6})),
            tally("fuse", status("fuse", counts, {"pair_superseded": 1})),
        )
    )
    assert flow == (
        {"visible": 6, "infrared": 0},
        {"infrared_only": 3, "stub": 1},
        6,
        9,
        0,
        {"pair_superseded": 1},
    )


def test_what_a_killed_recorder_had_not_yet_in_its_file_is_not_recorded() -> None:
    first = msgspec.structs.replace(status("record", {"recorded": 8}, pid=1), unsaved=3)
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 20})),
            tally("fuse", status("fuse", {"fused": 20})),
            tally("record", first, status("record", {"recorded": 9}, pid=2)),
        )
    )
    assert flow.recorded == 14
    assert flow.dropped == {"record_node_restart": 3, "record_unsaved": 3}


def test_without_a_video_what_the_mcap_files_hold_is_recorded() -> None:
    first = msgspec.structs.replace(status("mcap", {"recorded": 8}, pid=1), unsaved=3)
    flow = add_up(
        system(
            tally("capture", status("capture", {"visible": 20})),
            tally("fuse", status("fuse", {"fused": 20})),
            tally("mcap", first, status("mcap", {"recorded": 9}, pid=2)),
        )
    )
    assert flow.recorded == 14
    assert flow.dropped == {"mcap_unsaved": 3}
