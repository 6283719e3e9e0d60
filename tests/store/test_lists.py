"""What pages list, search and count, on both databases, for somebody who sees all and for somebody who sees little."""

from dataclasses import replace
from datetime import timedelta

from bot.model.ids import AccountId, Sha
from bot.model.subject import Subject
from bot.store import ChangeRow, Tx, changes, heads, ledger, queue, sessions, teams, trends, visible
from bot.store.ledger import Search
from bot.store.sessions import SessionRow
from bot.store.trends import Signed
from tests.store.nouns import JO, NOON, at

LITTLE = {"github": frozenset({2})}
ROW = ChangeRow(Subject.change("github", 1, 1), "acme/a", "T", JO, "u", "open", Sha("a1"), "main", verdict="hold")


def listed(tx: Tx) -> None:
    """Four changes in two repositories: 3 asks most, 1 waits longest, 4 is allowed."""
    for number, repository, urgency, waits in ((1, 1, -2, 0), (2, 2, -2, 5), (3, 2, -3, 9), (4, 1, 0, None)):
        since = None if waits is None else at(waits)
        subject = Subject.change("github", repository, number)
        changes.save(tx, replace(ROW, subject=subject, urgency=urgency, waiting_since=since))
        changes.ask(tx, subject, ["1001", "acme/seniors"] if urgency else [])


def numbers(rows: tuple[ChangeRow, ...]) -> list[int]:
    return [row.subject.number for row in rows]


def test_the_queue_is_in_the_order_of_need_and_paged_by_key(tx: Tx) -> None:
    """Most approvals first, then the longest waiting; by age on demand; what does not wait last."""
    listed(tx)
    assert numbers(queue.page(tx)) == [3, 1, 2]
    assert numbers(queue.page(tx, oldest_first=True)) == [1, 2, 3]
    assert numbers(queue.page(tx, waiting=False)) == [3, 1, 2, 4]
    for place, number in enumerate((3, 1, 2)):
        after = next(row.subject for row in queue.page(tx) if row.subject.number == number)
        assert numbers(queue.page(tx, after=after)) == [3, 1, 2][place + 1 :]
    assert queue.page(tx, after=Subject.change("github", 1, 99)) == ()


def test_the_queue_of_somebody_is_what_they_or_their_team_can_sign(tx: Tx) -> None:
    """By the account's number or the team's name, and only what they may see."""
    listed(tx)
    teams.put(tx, "github", "acme/seniors", [AccountId(7)], NOON)
    assert queue.of_account(tx, "github", AccountId(7)) == {"7", "acme/seniors"}
    assert numbers(queue.page(tx, who={"github": {"7", "acme/seniors"}})) == [3, 1, 2]
    assert numbers(queue.page(tx, who={"github": {"1001"}}, visible=LITTLE)) == [3, 2]
    assert queue.page(tx, who={"github": {"8"}}) == queue.page(tx, who={"gitlab": {"1001"}}) == ()
    assert numbers(queue.page(tx, who={"gitlab": {"8"}, "github": {"7", "acme/seniors"}})) == [3, 1, 2]
    assert queue.page(tx, who={}) == ()
    assert queue.page(tx, visible={}) == queue.page(tx, visible={"github": frozenset()}) == ()
    changes.ask(tx, Subject.change("github", 2, 3), ["1002"])
    assert numbers(queue.page(tx, who={"github": {"1001"}})) == [1, 2]
    assert queue.waiting_for(tx) == {("github", "1001"): 2, ("github", "acme/seniors"): 2, ("github", "1002"): 1}
    assert queue.waiting_for(tx, LITTLE)[("github", "1001")] == 1
    assert queue.per_repository(tx) == {("github", 1): (2, 1), ("github", 2): (2, 2)}
    assert queue.per_repository(tx, LITTLE) == {("github", 2): (2, 2)}
    changes.close(tx, Subject.change("github", 1, 1), NOON)
    assert numbers(queue.page(tx, waiting=False)) == [3, 2, 4]
    assert ("github", "acme/seniors") in queue.waiting_for(tx)


def test_the_figures_are_counted(tx: Tx) -> None:
    """Classes by first sight, waits up to the minute, merges as held, entries by kind; each for who may see it."""
    until = NOON + timedelta(days=1)
    for number, seconds in enumerate((0, 1800, 1141, 6000), 1):
        row = replace(
            ROW, subject=Subject.change("github", number % 2 + 1, number), ai_class="ai-assisted", first_at=NOON
        )
        row = replace(row, held_head=Sha("a1" if number < 3 else "b2"), signed_at=NOON, signed_seconds=seconds)
        changes.save(tx, row)
        changes.close(tx, row.subject, NOON, "merged")
        ledger.append(tx, "override", row.subject.key, {"by": 1009}, NOON)
    assert trends.classes(tx, NOON, until) == {"ai-assisted": 4}
    assert trends.classes(tx, NOON, until, LITTLE) == {"ai-assisted": 2}
    assert Signed.of(trends.waits(tx, NOON, until)) == Signed(4, 1200, 6000)
    assert sorted(trends.waits(tx, NOON, until, LITTLE)) == [(60, 1), (1200, 1)]
    assert trends.merged(tx, NOON, until) == (4, 2)
    assert trends.merged(tx, NOON, until, LITTLE) == (2, 1)
    assert trends.entries(tx, ("override",), NOON, until) == 4
    assert trends.entries(tx, ("override",), NOON, until, LITTLE) == 2
    for kind, number in (("direct-push", 1), ("enforcement", 2), ("merged-unsigned", 2)):
        about = {"kind": kind, "why": '"kind":"direct-push"'}
        ledger.append(tx, "finding", Subject.change("github", number, 9).key, about, NOON)
    assert trends.bypasses(tx, ("direct-push", "merged-unsigned"), NOON, until) == 2
    assert trends.bypasses(tx, ("direct-push", "merged-unsigned"), NOON, until, LITTLE) == 1
    assert trends.classes(tx, NOON, until, {}) == {}
    assert Signed.of([]) == Signed(0, None, None)


def found(tx: Tx, wanted: Search, after: int = 0, limit: int = 50, *, oldest_first: bool = False) -> list[int]:
    """The numbers of the entries that a search finds."""
    return [entry.seq for entry in ledger.search(tx, wanted, after=after, limit=limit, oldest_first=oldest_first)]


def test_the_ledger_is_searched_by_all_it_can_be_searched_by(tx: Tx) -> None:
    """The newest first, or the oldest; a page at a time; never beyond what may be seen."""
    for number in range(1, 7):
        subject = Subject.change("github", number % 2 + 1, number).key
        kind, body = ("override", {"by": 1009, "head": "a1"}) if number % 3 == 0 else ("decision", {"verdict": "hold"})
        ledger.append(tx, kind, subject, body, at(number * 3600))
    ledger.append(tx, "service", None, {"event": "start"}, at(7 * 3600))
    seen = tuple(visible.scopes(LITTLE) or ())
    assert found(tx, Search()) == [7, 6, 5, 4, 3, 2, 1]
    assert found(tx, Search(), after=5, limit=2) == [4, 3]
    assert found(tx, Search(), after=5, oldest_first=True) == [6, 7]
    assert found(tx, Search(seen)) == [5, 3, 1]
    assert found(tx, Search(("github/1", "github/2")), limit=3) == [6, 5, 4]
    assert found(tx, Search(seen), after=1, limit=1, oldest_first=True) == [3]
    assert found(tx, Search(())) == []
    assert found(tx, Search(kind="override")) == [6, 3]
    assert found(tx, Search(seen, kind="override")) == [3]
    assert found(tx, Search(by=(("github", AccountId(1009)),))) == [6, 3]
    assert found(tx, Search(seen, by=(("github", AccountId(1009)),))) == [3]
    assert found(tx, Search(by=(("github", AccountId(100)),))) == []
    assert found(tx, Search(by=(("gitlab", AccountId(1009)),))) == [], "another person's number"
    assert found(tx, Search(subjects=("github/1/change/2", "github/2/change/1"))) == [2, 1]
    assert found(tx, Search(seen, subjects=("github/1/change/2", "github/2/change/1"))) == [1]
    assert found(tx, Search(since=at(2 * 3600), until=at(4 * 3600))) == [3, 2]
    assert found(tx, Search(since=at(99 * 3600))) == []
    third = ledger.search(tx, Search(subjects=("github/2/change/3",)))[0]
    assert found(tx, Search(hash=third.hash[:12])) == [3]
    assert found(tx, Search((), hash=third.hash[:12])) == []
    assert ledger.kinds(tx) == ("decision", "override", "service")


def test_changes_are_found_by_a_commit(tx: Tx) -> None:
    """By the beginning of any head they had."""
    heads.describe(tx, Subject.change("github", 1, 7), Sha("abc1234" + "0" * 33), heads.HeadFacts("main", None, ()))
    assert ledger.with_commit(tx, "abc1234") == ("github/1/change/7",)
    assert ledger.with_commit(tx, "abc1235") == ()


def test_a_session_ends_by_itself_and_on_demand(tx: Tx) -> None:
    """One that has ended is not there, and is forgotten when the next begins."""
    row = SessionRow("d", "github", AccountId(1001), "grace", "sealed", at(60))
    sessions.add(tx, row, NOON)
    assert sessions.get(tx, "d", at(59)) == row
    assert sessions.get(tx, "d", at(60)) is None
    sessions.add(tx, replace(row, digest="e", ends_at=at(120)), at(61))
    assert sessions.get(tx, "d", NOON) is None
    sessions.end(tx, "e")
    assert sessions.get(tx, "e", NOON) is None
