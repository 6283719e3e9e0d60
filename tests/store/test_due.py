"""The due-set: what is marked is looked at, once, by one worker, whatever happens in between."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.model.subject import Repository, Subject, SubjectKind
from bot.store import Claim, Store, Tx, due, open_store, repositories
from tests.store.nouns import EIGHT, LEASE, NOON, SEVEN, at


def claim(tx: Tx, seconds: float = 0, owner: str = "one") -> Claim:
    """A claim that must succeed."""
    made = due.claim(tx, at(seconds), owner, LEASE)
    assert made is not None
    return made


def nothing(tx: Tx, seconds: float = 0) -> bool:
    """Whether there is nothing to claim."""
    return due.claim(tx, at(seconds), "nobody", LEASE) is None


def test_nothing_is_due_in_an_empty_set(tx: Tx) -> None:
    assert nothing(tx)
    assert due.next_due_at(tx) is None
    assert due.stats(tx, NOON) == due.DueStats(0, 0, 0, 0, None)


def test_ten_marks_make_one_run(tx: Tx) -> None:
    for second in range(10):
        due.mark(tx, [SEVEN, SEVEN], at(second))
    run = claim(tx, 10)
    assert (run.subject, run.attempts, run.first_marked_at) == (SEVEN, 1, NOON)
    assert due.finish(tx, run, at(11))
    assert nothing(tx, 1000)


def test_what_is_held_is_nobody_elses(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    claim(tx)
    assert nothing(tx, 29.9)


def test_the_oldest_mark_is_claimed_first(tx: Tx) -> None:
    due.mark(tx, [EIGHT], NOON)
    due.mark(tx, [SEVEN], at(1))
    assert [claim(tx, 2).subject, claim(tx, 2).subject] == [EIGHT, SEVEN]


def test_a_sweep_makes_no_event_wait(tx: Tx) -> None:
    due.mark(tx, [EIGHT], NOON, background=True)
    due.mark(tx, [SEVEN], at(1))
    assert [claim(tx, 2).subject, claim(tx, 2).subject] == [SEVEN, EIGHT]


def test_an_event_for_what_a_sweep_marked_is_urgent(tx: Tx) -> None:
    nine = Subject.change("github", 1, 9)
    due.mark(tx, [nine, EIGHT], NOON, background=True)
    due.mark(tx, [EIGHT], at(1))
    due.mark(tx, [EIGHT], at(2), background=True)
    assert claim(tx, 3).subject == EIGHT


def test_a_future_due_time_does_not_make_a_sweep_urgent(tx: Tx) -> None:
    due.mark_at(tx, EIGHT, at(1000))
    due.mark(tx, [EIGHT], NOON, background=True)
    due.mark(tx, [SEVEN], at(1))
    assert claim(tx, 2).subject == SEVEN


@pytest.mark.parametrize("marks", [1, 5])
def test_marks_during_a_run_make_exactly_one_further_run(tx: Tx, marks: int) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    for second in range(1, marks + 1):
        due.mark(tx, [SEVEN], at(second))
    assert nothing(tx, 6)
    assert due.finish(tx, run, at(7))
    again = claim(tx, 7)
    assert again.first_marked_at == at(1)
    assert due.finish(tx, again, at(8))
    assert nothing(tx, 1000)


def test_a_mark_during_a_run_that_fails_is_served_by_the_next_try(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    due.mark(tx, [SEVEN], at(1))
    due.fail(tx, run, at(2), at(10), "502", cap=5)
    assert nothing(tx, 9)
    assert due.finish(tx, claim(tx, 10), at(11))
    assert nothing(tx, 1000)


def test_a_mark_during_a_run_that_died_is_served_by_the_next(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    claim(tx)
    due.mark(tx, [SEVEN], at(1))
    assert due.finish(tx, claim(tx, 30, "two"), at(31))
    assert nothing(tx, 1000)


def test_an_ended_lease_is_claimed_by_another(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    claim(tx)
    run = claim(tx, 30, "two")
    assert (run.owner, run.attempts, run.first_marked_at) == ("two", 2, NOON)


def test_a_renewed_lease_holds(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    assert due.renew(tx, run, at(20), LEASE)
    assert nothing(tx, 49)
    assert due.finish(tx, run, at(49))


@pytest.mark.parametrize("taken", [False, True], ids=["nobody took it", "another took it"])
def test_who_lost_the_lease_changes_nothing(tx: Tx, taken: bool) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    other = claim(tx, 31, "two") if taken else None
    now = at(32)
    assert not due.renew(tx, run, now, LEASE)
    assert not due.finish(tx, run, now, at(40))
    assert not due.fail(tx, run, now, at(40), "late", cap=1)
    assert not due.defer(tx, run, now, at(40))
    assert due.parked(tx) == []
    if other is None:
        other = claim(tx, 33, "two")
    assert due.finish(tx, other, at(34))
    assert due.next_due_at(tx) is None


def test_a_clock_that_stood_still_does_not_bring_a_lease_back(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    other = claim(tx, 31, "one")  # the same name, another run
    assert not due.finish(tx, run, at(5))
    assert due.finish(tx, other, at(32))


def test_a_failed_run_waits_and_counts(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    assert not due.fail(tx, claim(tx), at(1), at(5), "502", cap=3)
    assert nothing(tx, 4)
    assert due.next_due_at(tx) == at(5)
    again = claim(tx, 5)
    assert (again.attempts, again.first_marked_at) == (2, NOON)


def test_an_event_ends_the_wait_after_a_failure(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), at(1), at(500), "502", cap=3)
    due.mark(tx, [SEVEN], at(2))
    assert claim(tx, 2).attempts == 2


def test_success_forgets_the_failures(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), at(1), at(5), "502", cap=3)
    due.finish(tx, claim(tx, 5), at(6), at(10))
    assert claim(tx, 10).attempts == 1


def test_waiting_for_a_rate_limit_counts_no_attempt(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    assert due.defer(tx, claim(tx), at(1), at(60))
    assert nothing(tx, 59)
    assert claim(tx, 60).attempts == 1


def test_too_many_failures_park_with_an_alarm(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    assert not due.fail(tx, claim(tx), at(1), at(5), "bad\x00 page", cap=2)
    assert due.fail(tx, claim(tx, 5), at(6), at(10), "bad\x00 page", cap=2)
    assert nothing(tx, 1000)
    assert due.next_due_at(tx) is None
    assert due.parked(tx) == [due.Parked(SEVEN, 2, "bad\ufffd page", at(6))]
    assert due.stats(tx, at(7)) == due.DueStats(0, 0, 0, 1, None)


def test_a_cap_of_none_never_parks(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    for second in range(20):
        assert not due.fail(tx, claim(tx, second), at(second), at(second + 1), "502", cap=0)
    assert due.parked(tx) == []


def test_a_run_that_kills_its_worker_is_parked_too(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    for death in range(3):
        claim(tx, death * 30)
    assert due.fail(tx, claim(tx, 90), at(91), at(95), "died three times", cap=3)


def test_what_was_marked_while_failing_is_not_parked(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    due.mark(tx, [SEVEN], at(1))
    assert not due.fail(tx, run, at(2), at(5), "broken", cap=1)
    assert claim(tx, 5).attempts == 1


def test_a_mark_wakes_what_is_parked(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), at(1), at(5), "broken", cap=1)
    due.mark(tx, [SEVEN], at(2))
    assert due.parked(tx) == []
    assert claim(tx, 2).attempts == 1


def test_a_person_wakes_what_is_parked(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), at(1), at(5), "broken", cap=1)
    assert due.unpark(tx, SEVEN.key, at(2))
    assert not due.unpark(tx, SEVEN.key, at(2))
    assert claim(tx, 2).subject == SEVEN


def test_a_future_due_time_survives_a_run(tx: Tx) -> None:
    due.mark_at(tx, SEVEN, at(100))
    due.mark(tx, [SEVEN], NOON)
    assert due.finish(tx, claim(tx), at(1))
    assert nothing(tx, 99)
    assert due.next_due_at(tx) == at(100)
    run = claim(tx, 100)
    assert due.finish(tx, run, at(101))
    assert nothing(tx, 1000)


def test_a_future_due_time_set_during_a_run_survives_it(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    due.mark_at(tx, SEVEN, at(100))
    due.finish(tx, run, at(1))
    assert nothing(tx, 99)
    assert claim(tx, 100).subject == SEVEN


def test_a_due_time_that_passes_during_a_run_causes_another(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.mark_at(tx, SEVEN, at(5))
    due.finish(tx, claim(tx), at(6))
    assert claim(tx, 6).subject == SEVEN


def test_of_several_future_due_times_the_earliest_is_kept(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.mark_at(tx, SEVEN, at(200))
    due.finish(tx, claim(tx), at(1), at(100))
    assert due.next_due_at(tx) == at(100)
    due.mark_at(tx, SEVEN, at(300))
    assert due.next_due_at(tx) == at(100)


def test_a_future_due_time_survives_the_death_of_the_run_that_took_it(tx: Tx) -> None:
    due.mark_at(tx, SEVEN, at(100))
    claim(tx, 100)
    assert claim(tx, 130).subject == SEVEN


def test_a_future_due_time_wakes_nothing_that_is_parked(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), at(1), at(5), "broken", cap=1)
    due.mark_at(tx, SEVEN, at(10))
    assert nothing(tx, 11)


def test_what_an_owner_releases_is_due_at_once_and_no_attempt_is_counted(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    due.mark(tx, [EIGHT], at(1))
    claim(tx, 2, "one")
    claim(tx, 2, "two")
    assert due.release(tx, "one") == 1
    run = claim(tx, 2, "two")
    assert (run.subject, run.attempts, run.first_marked_at) == (SEVEN, 1, NOON)
    assert nothing(tx, 3)


def test_what_the_dead_held_is_due_at_once_and_what_others_hold_is_not(tx: Tx) -> None:
    """It counts as a try: a change that kills its worker is not taken up at once for ever."""
    due.mark(tx, [SEVEN, EIGHT], NOON)
    dead, living = claim(tx, 1, "dead"), claim(tx, 1, "living")
    assert [each.name for each in due.lapse(tx, "dead".__eq__, at(2))] == [dead.name]
    again = claim(tx, 2, "living")
    assert (again.subject, again.attempts, again.first_marked_at) == (dead.subject, 2, NOON)
    assert not due.finish(tx, dead, at(3)), "whoever was taken for dead writes nothing any more"
    assert due.finish(tx, living, at(3))
    assert nothing(tx, 3)


def test_taking_over_waits_for_nobody_and_nobody_for_it(postgresql: Callable[[str], str]) -> None:
    """What another transaction is at right now is left to it: whoever waits with something in hand may wait for ever.

    Of SQLite there is one writer at a time.
    """
    store = open_store(postgresql("template1"), patience=1)
    with store.write() as tx:
        due.mark(tx, [SEVEN, EIGHT], NOON)
        taken, other = claim(tx, 1, "dead"), claim(tx, 1, "dead")
    with store.write() as tx, store.write() as beside:
        assert due.renew(tx, taken, at(1), LEASE)
        assert [each.name for each in due.lapse(beside, "dead".__eq__, at(2))] == [other.name]
    store.dispose()


def test_the_third_who_died_of_a_change_is_waited_for_until_the_lease_ends(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON)
    for second in (1, 2):
        claim(tx, second, "dead")
        assert len(due.lapse(tx, "dead".__eq__, at(second + 0.5))) == 1
    claim(tx, 3, "dead")
    assert due.lapse(tx, "dead".__eq__, at(3.5)) == ()
    assert nothing(tx, 32.9)
    assert claim(tx, 33).attempts == 4


def test_a_paused_scope_is_passed_over_until_then(tx: Tx) -> None:
    repositories.upsert(tx, Repository("github", 1, "acme/payments", "main", 42))
    other = Subject.change("github", 2, 1)
    due.mark(tx, [SEVEN], NOON)
    due.mark(tx, [other], at(1), scope_of=lambda _: "github/43")
    due.pause(tx, "github/42", at(60))
    due.pause(tx, "github/42", at(30))
    run = claim(tx, 2)
    assert run.subject == other
    due.finish(tx, run, at(3))
    assert nothing(tx, 59)
    assert due.next_due_at(tx) == at(60)
    assert claim(tx, 60).subject == SEVEN


def test_an_installation_shares_the_scope_of_its_repositories(tx: Tx) -> None:
    due.mark(tx, [Subject("github", 0, SubjectKind.INSTALLATION, "42")], NOON)
    due.pause(tx, "github/42", at(60))
    assert nothing(tx, 59)


def test_a_mark_without_a_scope_does_not_take_a_known_one_away(tx: Tx) -> None:
    due.mark(tx, [SEVEN], NOON, scope_of=lambda _: "github/42")
    due.mark(tx, [SEVEN], NOON)
    due.pause(tx, "github/42", at(60))
    assert nothing(tx, 59)


def test_the_figures_count_each_subject_once(tx: Tx) -> None:
    nine, ten = Subject.change("github", 1, 9), Subject.change("github", 1, 10)
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), NOON, at(5), "broken", cap=1)
    due.mark(tx, [EIGHT], NOON)
    claim(tx)
    due.mark(tx, [nine], at(1))
    due.mark_at(tx, ten, at(900))
    assert due.stats(tx, at(2)) == due.DueStats(due=1, waiting=1, running=1, parked=1, oldest_due_at=at(1))
    assert due.stats(tx, at(31)).due == 2


def test_what_was_rolled_back_is_not_due(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        due.mark(tx, [SEVEN], NOON)
        1 / 0  # noqa: B018
    with store.write() as tx:
        assert nothing(tx)


def test_ten_thousand_open_changes_are_marked_and_claimed_quickly(store: Store) -> None:
    """A sweep of everything, half of it paused: claiming stays a matter of milliseconds."""
    with store.write() as tx:
        due.mark(
            tx,
            [Subject.change("github", number % 2, number) for number in range(10_000)],
            NOON,
            scope_of=lambda subject: f"github/{subject.repository}",
            background=True,
        )
        due.pause(tx, "github/0", at(timedelta(hours=1).total_seconds()))
    with store.write() as tx:
        assert {claim(tx).subject.repository for _ in range(20)} == {1}
        assert due.stats(tx, NOON).due == 9_980


def parked(tx: Tx) -> None:
    """Seven failed once too often."""
    due.mark(tx, [SEVEN], NOON)
    due.fail(tx, claim(tx), at(1), at(5), "broken", cap=1)


def test_the_sweep_wakes_nothing_that_is_parked(tx: Tx) -> None:
    """Or it would undo the cap on failures each period."""
    parked(tx)
    due.mark(tx, [SEVEN], at(2), background=True)
    due.mark(tx, [SEVEN], at(2), wakes_parked=False)
    assert nothing(tx, 1000)
    assert [each.subject for each in due.parked(tx)] == [SEVEN]


def test_the_sweep_neither_shortens_the_wait_of_what_fails_nor_forgets_its_failures(tx: Tx) -> None:
    """A mark in the background is no reason to hope that it works now."""
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    due.mark(tx, [SEVEN], at(1), background=True)
    due.fail(tx, run, at(2), at(50), "broken", cap=2)
    due.mark(tx, [SEVEN], at(3), background=True)
    assert nothing(tx, 49)
    assert due.fail(tx, claim(tx, 50), at(51), at(99), "broken", cap=2)


def test_a_probe_gives_what_is_parked_one_try_and_no_more(tx: Tx) -> None:
    """A cause that passed by itself needs no person, and a poison change is parked again at once."""
    parked(tx)
    assert due.probe(tx, at(3), at(1)) == 0
    assert due.probe(tx, at(3), at(2), (SubjectKind.REPOSITORY,)) == 0
    assert due.probe(tx, at(3), at(2)) == 1
    assert due.fail(tx, claim(tx, 3), at(4), at(5), "still broken", cap=1)
    assert due.probe(tx, at(9), at(5)) == 1
    due.finish(tx, claim(tx, 9), at(10))
    assert due.parked(tx) == []


def test_what_somebody_may_have_mended_is_tried_at_once(tx: Tx) -> None:
    """An installation that is unlocked or granted more makes no change wait out its failures, nor stay parked."""
    due.mark(tx, [SEVEN, EIGHT], NOON, scope_of=lambda _: "github/42")
    due.fail(tx, claim(tx), at(1), at(500), "suspended", cap=1)
    due.fail(tx, claim(tx), at(1), at(500), "suspended", cap=2)
    due.revive(tx, "github/43", at(2))
    assert nothing(tx, 2)
    due.revive(tx, "github/42", at(2))
    runs = [claim(tx, 2), claim(tx, 2)]
    assert ({each.subject for each in runs}, {each.attempts for each in runs}) == ({SEVEN, EIGHT}, {1})
    due.revive(tx, "github/42", at(3))
    for run in runs:
        assert due.finish(tx, run, at(4)), "what somebody works at is theirs"
    due.revive(tx, "github/42", at(5))
    assert nothing(tx, 1000)


def test_a_look_that_only_reads_tells_whether_a_claim_would_find_something(tx: Tx) -> None:
    """Idle workers ask often, and must keep no writer waiting."""
    assert not due.claimable(tx, NOON)
    due.mark(tx, [SEVEN], at(1), background=True, scope_of=lambda _: "github/42")
    assert not due.claimable(tx, NOON)
    assert due.claimable(tx, at(1))
    due.pause(tx, "github/42", at(60))
    assert not due.claimable(tx, at(2))


def test_a_due_time_that_passes_during_a_run_takes_no_later_one_with_it(tx: Tx) -> None:
    """The run that it asks for comes at once, and the later time still comes."""
    due.mark(tx, [SEVEN], NOON)
    run = claim(tx)
    due.mark_at(tx, SEVEN, at(10))
    due.finish(tx, run, at(20), at(100))
    again = claim(tx, 21)
    due.mark_at(tx, SEVEN, at(25), at(22))
    due.mark_at(tx, SEVEN, at(60), at(30))
    due.finish(tx, again, at(31))
    due.finish(tx, claim(tx, 31), at(32))
    assert due.next_due_at(tx) == at(60)
