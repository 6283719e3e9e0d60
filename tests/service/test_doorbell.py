"""The bell: one ring wakes one worker, none is lost, and a delivery that is being taken holds nobody up for ever."""

from concurrent.futures import ThreadPoolExecutor, wait

from bot.service.doorbell import Doorbell


def test_a_ring_that_nobody_heard_is_heard_by_the_next_who_listens() -> None:
    """What became due while every worker was busy waits for no poll."""
    bell = Doorbell()
    bell.ring()
    bell.ring()
    assert bell.listen(0)
    assert not bell.listen(0)  # rung twice is rung: whoever woke looks for work until there is none


def test_a_ring_wakes_one_of_those_who_listen() -> None:
    """Four workers that all look at once keep the acknowledgement waiting, and three of them for nothing."""
    bell = Doorbell()
    with ThreadPoolExecutor(4) as pool:
        listening = [pool.submit(bell.listen, 30) for _ in range(4)]
        for left in (3, 2, 1, 0):
            bell.ring()
            done, waiting = wait(listening, 30, return_when="FIRST_COMPLETED")
            assert all(each.result() for each in done)
            assert len(waiting) == left
            listening = list(waiting)


def test_work_begins_although_deliveries_never_cease() -> None:
    """An acknowledgement goes first, and never for long."""
    bell = Doorbell()
    with bell.answering():
        bell.lull()
    bell.lull()
