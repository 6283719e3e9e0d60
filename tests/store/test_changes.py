"""Changes as pages and publishing see them."""

from dataclasses import replace

from bot.model.change import Account
from bot.model.ids import AccountId
from bot.model.subject import Subject
from bot.store import ChangeRow, Store, Tx, changes, people
from tests.store.nouns import EIGHT, JO, NOON, SEVEN, at, sha

ROW = ChangeRow(
    subject=SEVEN,
    name="acme/payments",
    title="Add retry",
    author=JO,
    url="https://example.com/7",
    state="open",
    head=sha("a"),
    base="main",
    updated_at=NOON,
    verdict="hold",
    ai_class="ai-assisted",
    check_title="Waiting for 1 senior",
    decided_at=at(1),
    waiting_since=at(1),
    decision_digest="d1",
    published_state="waiting",
    published_digest="c1",
    published_id=2**40,
    published_sha=sha("a"),
    publish_error=None,
    decision={"verdict": "hold"},
)


def test_a_change_comes_back_as_it_was_saved(tx: Tx) -> None:
    assert changes.get(tx, SEVEN) is None
    people.remember(tx, "github", AccountId(101), "jo", NOON)
    changes.save(tx, ROW)
    kept = changes.get(tx, SEVEN)
    assert kept == ROW
    assert kept is not None
    assert kept.decision == {"verdict": "hold"}


def test_a_name_that_was_erased_is_gone_from_pages_too(tx: Tx) -> None:
    people.remember(tx, "github", AccountId(101), "jo", NOON)
    changes.save(tx, ROW)
    people.erase_before(tx, at(1))
    kept = changes.get(tx, SEVEN)
    assert kept is not None
    assert kept.author == Account(None, AccountId(101))


def test_saving_without_a_decision_keeps_the_recorded_one(tx: Tx) -> None:
    changes.save(tx, ROW)
    changes.save(tx, replace(ROW, decision=None, publish_error="502"))
    kept = changes.get(tx, SEVEN)
    assert kept is not None
    assert (kept.decision, kept.publish_error) == ({"verdict": "hold"}, "502")
    assert changes.unpublished(tx) == 1


def test_what_was_published_and_what_could_not_be_is_known(tx: Tx) -> None:
    changes.save(tx, ROW)
    changes.not_published(tx, SEVEN, "502")
    assert changes.unpublished(tx) == 1
    changes.published(tx, SEVEN, sha("b"), "passed", "c2", 5)
    assert changes.unpublished(tx) == 0
    kept = changes.get(tx, SEVEN)
    assert kept is not None
    assert kept == replace(
        ROW,
        author=kept.author,
        published_sha=sha("b"),
        published_state="passed",
        published_digest="c2",
        published_id=5,
    )


def test_open_changes_on_the_same_head_are_found(tx: Tx) -> None:
    changes.save(tx, ROW)
    changes.save(tx, replace(ROW, subject=EIGHT))
    changes.save(tx, replace(ROW, subject=Subject.change("github", 1, 9), state="closed"))
    changes.save(tx, replace(ROW, subject=Subject.change("github", 2, 7)))
    assert [row.subject for row in changes.with_head(tx, "github", 1, sha("a"))] == [SEVEN, EIGHT]
    assert [row.subject for row in changes.with_head(tx, "github", 1, sha("a"), but=SEVEN)] == [EIGHT]
    assert changes.with_head(tx, "github", 1, sha("b")) == ()


def test_what_waits_longest_is_listed_first_and_pages_join(tx: Tx) -> None:
    for number in range(10):
        waiting = None if number in {3, 5} else at(100 - number)
        changes.save(tx, replace(ROW, subject=Subject.change("github", 1, number), waiting_since=waiting))
    listed: list[int] = []
    after = None
    while page := changes.page(tx, after=after, limit=3):
        listed += [row.subject.number for row in page]
        after = page[-1].subject
        assert all(row.decision is None for row in page)
    assert listed == [9, 8, 7, 6, 4, 2, 1, 0, 3, 5]


def test_lists_can_be_narrowed(tx: Tx) -> None:
    changes.save(tx, ROW)
    changes.save(tx, replace(ROW, subject=EIGHT, verdict="allow"))
    changes.save(tx, replace(ROW, subject=Subject.change("gitlab", 1, 7)))
    changes.save(tx, replace(ROW, subject=Subject.change("github", 2, 7), state="merged"))
    assert [row.subject for row in changes.page(tx, verdict="allow")] == [EIGHT]
    assert len(changes.page(tx, forge="github", repository=1)) == 2
    assert len(changes.page(tx, state="merged")) == 1
    assert changes.count(tx) == {"hold": 2, "allow": 1}


def test_open_changes_are_known_by_number(tx: Tx) -> None:
    changes.save(tx, ROW)
    changes.save(tx, replace(ROW, subject=EIGHT, updated_at=None, decided_at=None))
    assert changes.known(tx, "github", 1) == {
        7: changes.Known(sha("a"), NOON, at(1), ROW.published_id),
        8: changes.Known(sha("a"), None, None, ROW.published_id),
    }


def test_a_closed_change_waits_for_nobody(tx: Tx) -> None:
    changes.save(tx, ROW)
    assert changes.close(tx, SEVEN, at(5), "merged")
    assert not changes.close(tx, SEVEN, at(6))
    kept = changes.get(tx, SEVEN)
    assert kept is not None
    assert (kept.state, kept.waiting_since, kept.closed_at) == ("merged", None, at(5))
    assert changes.known(tx, "github", 1) == {}
    assert not changes.close(tx, EIGHT, at(6))


def test_ten_thousand_open_changes_are_listed_by_index(sqlite: Store) -> None:
    with sqlite.read() as tx:
        plan = tx.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT number FROM changes WHERE state = 'open' "
            "ORDER BY listed_at, forge, repository, number LIMIT 100"
        ).all()
    assert "ix_changes_state_listed_at" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
