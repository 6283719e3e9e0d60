"""Scenario 67: of very many open changes, an edit of the roster makes due only those it can touch, and all of those."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot import gate, rules
from bot.model.change import Change
from bot.model.ids import Sha
from bot.model.roster import Roster
from bot.model.subject import Repository, Subject
from bot.service import moved
from bot.service.context import Context
from bot.service.rulebook import Rules
from bot.store import ChangeRow, Store, changes, open_store, records, repositories
from bot.store.tables import due
from tests.gate.build import AI, JO, NOON, POLICY, account, change, commit, decide, review

CHANGES, ALIKE = 3000, 5
"""So many open changes, of which each five are alike."""
ENTRY = "  - {{name: Person {0}, tier: {1}, github: {{login: p{0}, id: {0}}}, emails: [p{0}@example.com]}}\n"
TIERS = {number: "junior" if number < 200 else "mid" if number < 260 else "senior" for number in range(1, 301)}


def written(tiers: dict[int, str], more: str = "") -> dict[str, bytes]:
    """The roster's file."""
    people = "".join(ENTRY.format(number, tier) for number, tier in tiers.items())
    return {"roster.yaml": f"version: 1\npeople:\n{people}{more}".encode()}


def in_force(files: dict[str, bytes]) -> Rules:
    return Rules(POLICY, rules.load_roster(files), files)


@dataclass
class Given:
    """Rules that are told."""

    rules: Rules

    def current(self) -> Rules:
        return self.rules

    def refresh(self) -> None:
        raise AssertionError

    def reads(self, repository: Repository) -> bool:
        raise AssertionError


def drawn(number: int) -> tuple[Change, tuple]:
    """A change of one of many authors: every third without AI, of the others every second signed by one of many."""
    author = account(f"p{number % 199 + 1}", number % 199 + 1)
    signer = account(f"p{260 + number % 40}", 260 + number % 40)
    reviews = (review(1, signer),) if number % 2 else ()
    return change(number=number, author=author, commits=(commit(who=author),), reviews=reviews), (
        () if number % 3 == 0 else (AI,)
    )


def decided(number: int, roster: Roster) -> dict:
    subject, evidence = drawn(number)
    return gate.as_record(decide(subject, evidence, roster=roster))


BEFORE = in_force(written(TIERS))
RECORDS = {number: decided(number, BEFORE.roster) for number in range(CHANGES // ALIKE)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Very many open changes, decided."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('reach') / 'signoff.sqlite3'}")
    with store.write() as tx:
        repositories.upsert(tx, Repository("github", 1, "acme/payments"))
        for number in range(CHANGES):
            record = RECORDS[number // ALIKE]
            row = ChangeRow(
                Subject.change("github", 1, number), "acme/payments", "T", JO, "u", "open", Sha("a1"), "main"
            )
            changes.save(tx, replace(row, verdict=record["verdict"], decided_at=NOON, decision=record))
    yield store
    store.dispose()


def marked(store: Store, after: Rules, before: Rules = BEFORE) -> set[int]:
    """The numbers of the changes that become due when others take force."""
    book = Given(before)
    context = Context({}, store, book, lambda: NOON, page_url=str)
    moved.rules_moved(context)
    drain(store)
    book.rules = after
    assert moved.rules_moved(context)
    assert not moved.rules_moved(context), "it is told once"
    return drain(store)


def drain(store: Store) -> set[int]:
    """What is due, taken out."""
    with store.write() as tx:
        keys = tx.execute(select(due.c.key)).scalars().all()
        tx.execute(delete(due))
    return {Subject.parse(key).number for key in keys}


def different(after: Roster) -> set[int]:
    """The changes that are in truth decided otherwise."""
    told = {number: decided(number, after) | {"roster_digest": ""} for number in RECORDS}
    moved_ones = (number for number in told if told[number] != RECORDS[number] | {"roster_digest": ""})
    return {number * ALIKE + index for number in moved_ones for index in range(ALIKE)}


EDITS = [
    ("a junior becomes mid", TIERS | {7: "mid"}, "", 16),
    ("a junior becomes senior", TIERS | {7: "senior"}, "", 1100),
    ("a signer becomes mid", TIERS | {261: "mid"}, "", 1100),
    ("somebody leaves", {number: tier for number, tier in TIERS.items() if number != 9}, "", 16),
    ("somebody new, a junior", TIERS | {999: "junior"}, "", 0),
    ("a mid without changes is away", TIERS, "#", 0),
]


@pytest.mark.parametrize(("what", "tiers", "more", "most"), EDITS, ids=[each[0] for each in EDITS])
def test_an_edit_of_one_person_makes_few_changes_due_and_misses_none(store, what, tiers, more, most):
    files = written(tiers, more)
    if more:
        files = {"roster.yaml": files["roster.yaml"].replace(b"login: p250, id: 250}", b"login: q250, id: 250}")}
    after = in_force(files)
    found = marked(store, after)
    assert different(after.roster) <= found
    assert len(found) <= most


def test_a_team_or_other_rules_make_all_due(store):
    assert len(marked(store, in_force(written(TIERS, "teams: [{github: acme/a, tier: senior}]\n")))) == CHANGES
    other = replace(BEFORE, policy=replace(POLICY, digest="p2"))
    assert len(marked(store, other)) == CHANGES


def test_where_the_roster_before_cannot_be_told_all_are_due(store):
    after = in_force(written(TIERS | {7: "mid"}))
    assert len(marked(store, after, replace(BEFORE, roster_files={}))) == CHANGES


def test_the_very_first_time_all_are_due(store):
    with store.write() as tx:
        records.put(tx, moved.IN_FORCE, "of an earlier version")
    context = Context({}, store, Given(BEFORE), lambda: NOON, page_url=str)
    assert moved.rules_moved(context)
    assert len(drain(store)) == CHANGES


def test_the_decisions_are_read_in_pages(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path / 'pages.sqlite3'}")
    subjects = [Subject.change("github", repository, number) for repository in (1, 2) for number in range(1, 6)]
    with store.write() as tx:
        for subject in subjects:
            row = ChangeRow(subject, "acme/a", "T", JO, "u", "open", Sha("a1"), "main", decision={"n": subject.number})
            changes.save(tx, row)
        changes.close(tx, subjects[3], NOON)
    with store.read() as tx:
        for page in (1, 2, 3, 100):
            read = list(changes.decisions(tx, page=page))
            assert [subject for subject, _ in read] == [each for each in subjects if each != subjects[3]]
            assert all(decision == {"n": subject.number} for subject, decision in read)
    store.dispose()
