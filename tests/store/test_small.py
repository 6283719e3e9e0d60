"""The small tables: deliveries, repositories, leases, names of people, records, teams."""

from datetime import timedelta

import pytest

from bot.model.ids import AccountId
from bot.model.subject import Repository
from bot.store import Tx, deliveries, findings, leases, people, records, repositories, teams
from bot.store.findings import FindingKind, NewFinding
from tests.store.nouns import NOON, at

TTL = timedelta(seconds=10)
KNOWN = Repository("github", 1, "acme/payments", "main", 42)
JO = AccountId(101)


def test_a_delivery_is_taken_once(tx: Tx) -> None:
    assert deliveries.record(tx, "github", "d1", "push", NOON)
    assert not deliveries.record(tx, "github", "d1", "push", at(1))
    assert deliveries.record(tx, "gitlab", "d1", "push", NOON)


def test_old_deliveries_are_forgotten(tx: Tx) -> None:
    deliveries.record(tx, "github", "old", "push", NOON)
    deliveries.record(tx, "github", "new", "push", at(10))
    assert deliveries.forget_before(tx, at(10)) == 1
    assert not deliveries.record(tx, "github", "new", "push", at(11))


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (Repository("github", 1, ""), KNOWN),
        (Repository("github", 1, "acme/money"), Repository("github", 1, "acme/money", "main", 42)),
        (Repository("github", 1, "", "trunk", 43), Repository("github", 1, "acme/payments", "trunk", 43)),
        (Repository("github", 1, "", active=False), Repository("github", 1, "acme/payments", "main", 42, active=False)),
    ],
)
def test_what_is_not_told_of_a_repository_stays(tx: Tx, told: Repository, known: Repository) -> None:
    repositories.upsert(tx, KNOWN)
    repositories.upsert(tx, told)
    assert repositories.get(tx, "github", 1) == known


def test_a_name_leads_to_the_repository_that_has_it_now(tx: Tx) -> None:
    repositories.upsert(tx, KNOWN)
    repositories.upsert(tx, Repository("github", 2, "acme/payments", "main", 42))
    repositories.deactivate(tx, "github", 2)
    assert repositories.by_name(tx, "github", "Acme/Payments") == KNOWN
    repositories.upsert(tx, Repository("github", 3, "acme/payments", "main", 42))
    assert repositories.by_name(tx, "github", "acme/payments") == Repository("github", 3, "acme/payments", "main", 42)
    assert repositories.by_name(tx, "gitlab", "acme/payments") is None
    assert repositories.get(tx, "github", 9) is None


def test_an_installation_is_left_with_all_its_repositories_and_no_other(tx: Tx) -> None:
    """A suspension need not name them; what comes back is named by the look through the installation."""
    beside = Repository("github", 2, "acme/web", "main", 43)
    for each in (KNOWN, beside, Repository("gitlab", 1, "acme/payments", "main", 42)):
        repositories.upsert(tx, each)
    repositories.leave(tx, "github", 42)
    assert {(each.forge, each.id) for each in repositories.every(tx)} == {("gitlab", 1), ("github", 2)}
    repositories.upsert(tx, KNOWN)
    assert KNOWN in repositories.every(tx)


def test_inactive_repositories_are_listed_only_on_request(tx: Tx) -> None:
    repositories.upsert(tx, KNOWN)
    repositories.upsert(tx, Repository("gitlab", 5, "acme/web", active=False))
    assert repositories.every(tx) == (KNOWN,)
    assert len(repositories.every(tx, active=False)) == 2
    assert repositories.every(tx, forge="gitlab") == ()


def test_a_lease_has_one_owner(tx: Tx) -> None:
    assert leases.hold(tx, "a", "one", NOON, TTL)
    assert leases.hold(tx, "a", "one", at(5), TTL)
    assert not leases.hold(tx, "a", "two", at(14), TTL)
    assert leases.hold(tx, "b", "two", NOON, TTL)
    assert leases.hold(tx, "a", "two", at(15), TTL)


def test_a_lost_lease_cannot_be_renewed_or_released(tx: Tx) -> None:
    leases.hold(tx, "a", "one", NOON, TTL)
    assert leases.renew(tx, "a", "one", at(9), TTL)
    assert not leases.renew(tx, "a", "one", at(19), TTL)
    leases.hold(tx, "a", "two", at(20), TTL)
    assert not leases.renew(tx, "a", "one", at(21), TTL)
    leases.release(tx, "a", "one")
    assert not leases.hold(tx, "a", "one", at(21), TTL)
    leases.release(tx, "a", "two")
    assert leases.hold(tx, "a", "one", at(21), TTL)


def test_a_lease_can_be_taken_over(tx: Tx) -> None:
    """Whoever held it for long may be gone."""
    leases.hold(tx, "a", "one", NOON, TTL * 100)
    leases.take(tx, "a", "two", at(1), TTL)
    assert not leases.hold(tx, "a", "one", at(2), TTL)


def test_ended_leases_are_swept_out(tx: Tx) -> None:
    leases.hold(tx, "a", "one", NOON, TTL)
    leases.hold(tx, "b", "one", at(100), TTL)
    assert leases.forget_before(tx, at(50)) == 1


def test_a_name_follows_the_account_and_can_be_erased(tx: Tx) -> None:
    people.remember(tx, "github", JO, "jo", NOON)
    people.remember(tx, "github", JO, "joanna", at(5))
    people.remember(tx, "github", JO, "jo", at(1))
    assert people.names(tx, "github", [JO]) == {JO: "joanna"}
    assert people.names(tx, "gitlab", [JO]) == {}
    assert people.erase_before(tx, at(6)) == 1
    assert people.names(tx, "github", [JO]) == {}


def test_a_name_that_is_still_seen_is_not_erased(tx: Tx) -> None:
    people.remember(tx, "github", JO, "jo", NOON)
    people.remember(tx, "github", JO, "jo", NOON + timedelta(days=2))
    assert people.erase_before(tx, NOON + timedelta(days=1)) == 0


def test_a_record_is_what_was_put_last(tx: Tx) -> None:
    assert records.get(tx, "a") is None
    records.put(tx, "a", {"b": [1, None, "\udc80"]})
    records.put(tx, "a", [2])
    assert records.get(tx, "a") == [2]
    with pytest.raises(TypeError, match="float"):
        records.put(tx, "a", {"b": 0.5})


def test_a_team_is_what_was_read_last(tx: Tx) -> None:
    assert teams.get(tx, "github", "acme/seniors") is None
    teams.put(tx, "github", "acme/seniors", [JO], NOON)
    teams.put(tx, "github", "acme/seniors", [], at(1))
    assert teams.get(tx, "github", "acme/seniors") == (frozenset(), at(1))


def test_a_team_that_cannot_be_read_has_nobody_and_is_remembered_as_such(tx: Tx) -> None:
    """Or every evaluation would ask for it again."""
    teams.put(tx, "github", "acme/seniors", [JO], NOON)
    teams.put_unreadable(tx, "github", "acme/seniors", at(1))
    assert teams.get(tx, "github", "acme/seniors") == (None, at(1))


def test_only_working_notes_past_their_time_are_forgotten(tx: Tx) -> None:
    """What has no time is kept: the version of the rules in force is no note."""
    records.put(tx, "published/a", 1, NOON)
    records.put(tx, "published/b", 1, at(10))
    records.put(tx, "policy/published/", 1, NOON)
    records.put(tx, "published/c", 1)
    assert records.forget_before(tx, at(10), ("published/", "contents_")) == 1
    left = [
        name for name in ("published/a", "published/b", "published/c", "policy/published/") if records.get(tx, name)
    ]
    assert left == ["published/b", "published/c", "policy/published/"]


def test_a_finding_is_found_once_told_once_and_closed_with_a_reason(tx: Tx) -> None:
    """What was closed is not opened again by being seen again."""
    new = NewFinding("github", 1, FindingKind.MERGED, "7/abc", {"by": 101}, 7, None)
    assert findings.add(tx, new, NOON)
    assert not findings.add(tx, new, at(1))
    (listed,) = findings.page(tx, repository=("github", 1), number=7, kind=FindingKind.MERGED)
    assert (listed.body, listed.found_at) == ({"by": 101}, NOON)
    assert findings.unannounced(tx, "github", 1) == (listed,)
    assert findings.announced(tx, listed.id, at(2))
    assert not findings.announced(tx, listed.id, at(3))
    assert findings.count(tx)["merged-unsigned"] == 1
    assert findings.close(tx, listed.id, JO, "looked at", at(4))
    assert not findings.close(tx, listed.id, JO, "again", at(5))
    assert not findings.add(tx, new, at(6))
    assert findings.page(tx) == () == findings.unannounced(tx, "github", 1)
    (closed,) = findings.page(tx, closed=True)
    assert (closed.closed_by, closed.reason, closed.closed_at) == (JO, "looked at", at(4))
    assert findings.get(tx, closed.id) == closed
