"""What is forgotten after its time, and what never is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.model.change import Account
from bot.model.event import HeadSeen
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, Sha
from bot.model.subject import Subject
from bot.service.context import Context
from bot.service.retention import prune
from bot.service.rulebook import FileRulebook
from bot.store import ChangeRow, changes, deliveries, ledger, memory, open_store, people, sightings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEVEN = Subject.change("github", 1, 7)
JO = AccountId(101)
FOUND = Evidence(
    "trailer",
    "claude",
    AiClass.AI_ASSISTED,
    Strength.STRONG,
    "commit a1",
    "Co-authored-by: Jo <jo@example.com> (erased)",
)


def test_names_mailboxes_and_quotes_are_erased_and_the_chain_still_proves_what_was_decided(tmp_path: Path) -> None:
    """The ledger holds account ids alone, so that forgetting a person breaks nothing."""
    store = open_store(f"sqlite:///{tmp_path}/signoff.db")
    now = [NOON]
    context = Context({}, store, FileRulebook(None, None), lambda: now[0], lambda _: None)
    with store.write() as tx:
        deliveries.record(tx, "github", "d1", "push", NOON)
        people.remember(tx, "github", JO, "jo", NOON)
        memory.remember(tx, SEVEN, "topic", JO, [FOUND], (), NOON)
        row = ChangeRow(
            SEVEN, "acme/payments", "Add retry", Account("jo", JO), "", "open", Sha("a" * 40), "main",
            decision={"contributors": [{"id": JO, "login": "jo", "mailbox": "jo@example.com"}]},
        )  # fmt: skip
        changes.save(tx, row)
        ledger.append(tx, "decision", SEVEN.key, {"contributors": [{"account": JO}]}, NOON)
        sightings.head(tx, "github", 1, HeadSeen(7, Sha("a" * 40), NOON))
        changes.close(tx, SEVEN, NOON, "merged")
    now[0] = NOON + timedelta(days=29)
    assert not any(prune(context).values())
    now[0] = NOON + timedelta(days=366)
    gone = prune(context)
    assert (gone["deliveries"], gone["names"], gone["decisions"], gone["quotes"]) == (1, 1, 1, 1)
    assert gone["sightings"] == 1
    assert not any(prune(context).values())
    with store.read() as tx:
        assert people.names(tx, "github", [JO]) == {}
        assert changes.get(tx, SEVEN).decision is None  # type: ignore[union-attr]
        (left,) = memory.recall(tx, SEVEN, "topic", JO, ())
        assert (left.detector, left.ai_class, left.quote) == ("trailer", AiClass.AI_ASSISTED, "(erased)")
        assert ledger.verify(entry.exported() for entry in ledger.walk(tx)) is None
    store.dispose()
