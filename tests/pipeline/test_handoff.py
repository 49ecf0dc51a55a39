"""Between two threads nothing is lost, doubled or kept waiting for ever."""

from concurrent.futures import ThreadPoolExecutor

from pipeline.handoff import Handoff

DEADLINE_S = 60.0


def test_all_items_arrive_in_order() -> None:
    handoff = Handoff[int](2)
    with ThreadPoolExecutor(1) as threads:
        received = threads.submit(lambda: list(handoff))
        for item in range(1000):
            assert handoff.put(item) == []
        handoff.close()
        assert received.result(DEADLINE_S) == list(range(1000))


def test_a_full_one_waits_for_room() -> None:
    handoff = Handoff[int](1)
    handoff.put(0)
    with ThreadPoolExecutor(1) as threads:
        putting = threads.submit(handoff.put, 1)
        items = iter(handoff)
        assert next(items) == 0
        assert putting.result(DEADLINE_S) == []
        assert next(items) == 1


def test_a_replacing_one_gives_back_the_oldest() -> None:
    handoff = Handoff[int](2, replace=True)
    assert [handoff.put(item) for item in range(4)] == [[], [], [0], [1]]
    assert handoff.let_go == 2
    handoff.close()
    assert list(handoff) == [2, 3]


def test_a_burst_may_wait_until_the_next_item_comes() -> None:
    handoff = Handoff[int](1, replace=True)
    assert [handoff.put(item, extra=item) for item in range(3)] == [[], [], []]
    assert handoff.put(3) == [0, 1, 2]
    handoff.close()
    assert list(handoff) == [3]


def test_abandoning_lets_both_sides_go() -> None:
    full, empty = Handoff[int](1), Handoff[int](1)
    full.put(0)
    with ThreadPoolExecutor(2) as threads:
        putting = threads.submit(full.put, 1)
        getting = threads.submit(lambda: list(empty))
        full.abandon()
        empty.abandon()
        assert putting.result(DEADLINE_S) == [1]
        assert getting.result(DEADLINE_S) == []
