"""The running service proves its ledger by and by; what does not fit is told until it fits again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from bot.forges.port import CheckState, Published
from bot.model.enforcement import Level
from bot.model.subject import Subject
from bot.service import proof, watch, witness
from bot.service.context import Context
from bot.service.doctor import Doctor
from bot.service.rulebook import FileRulebook
from bot.store import findings, ledger, open_store
from bot.web import health

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEVEN = Subject.change("github", 1, 7)
EIGHT = Subject.change("github", 1, 8)
AT_ONCE = 10


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A service without a forge, whose ledger has more entries than are proven at once."""
    store = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with store.write() as tx:
        for number in range(2 * AT_ONCE + 7):
            ledger.append(tx, "decision", SEVEN.key, {"number": number}, NOON)
    yield Context({}, store, FileRulebook(None, None), lambda: NOON, lambda _: None)
    store.dispose()


def altered(context: Context, statement: str) -> None:
    """Somebody writes to the database."""
    with context.store.write() as tx:
        tx.execute(text(statement))


def shown(context: Context) -> tuple[int, str]:
    """What /readyz answers, and the line of the metrics."""
    app = Flask(__name__)
    app.register_blueprint(health.blueprint(context))
    metrics = app.test_client().get("/metrics").text.splitlines()
    answer = app.test_client().get("/readyz")
    assert (answer.status_code == 503) == ("ledger" in answer.text)
    return answer.status_code, next(line for line in metrics if line.startswith("signoff_ledger_broken"))


ALTERATIONS = [
    "UPDATE ledger SET body = '{}' WHERE seq = 3",
    "UPDATE ledger SET body = 'no json' WHERE seq = 3",
    "UPDATE ledger SET body = '[]' WHERE seq = 24",
    "UPDATE ledger SET kind = 'withdrawn' WHERE seq = 14",
    "DELETE FROM ledger WHERE seq = 15",
    "DELETE FROM ledger WHERE seq = 27",
    "DELETE FROM ledger WHERE seq > 10",
    "UPDATE ledger_head SET seq = 3, hash = (SELECT hash FROM ledger WHERE seq = 3)",
]


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_whatever_was_altered_is_told_before_long_wherever_it_stands(context: Context, alteration: str) -> None:
    """Scenario 49: the newest entries at each look, the older ones in turn; by metric, `/readyz` and doctor."""
    assert [proof.look(context, AT_ONCE) for _ in range(4)] == [None] * 4
    assert shown(context) == (200, "signoff_ledger_broken 0.0")
    altered(context, alteration)
    looks = [proof.look(context, AT_ONCE) for _ in range(4)]
    assert looks[-1] is not None, "four looks go round this ledger"
    assert shown(context) == (503, "signoff_ledger_broken 1.0")
    told = [each.fact for each in Doctor(context, None).report().checks if "does not verify" in each.fact.text]
    assert [(fact.level, "RUNBOOK" in fact.repair) for fact in told] == [(Level.OPEN, True)]


def test_a_ledger_that_was_mended_is_fine_again(context: Context) -> None:
    """The alarm is of what stands there, and ends by itself when a good copy is back."""
    altered(context, "UPDATE ledger SET kind = 'x' WHERE seq = 26")
    fault = proof.look(context, AT_ONCE)
    assert fault is not None
    assert fault.seq == 26
    altered(context, "UPDATE ledger SET kind = 'decision' WHERE seq = 26")
    assert proof.look(context, AT_ONCE) is None
    assert shown(context) == (200, "signoff_ledger_broken 0.0")


def test_a_rewritten_end_that_fits_itself_is_told_by_what_was_proven_before(context: Context) -> None:
    """Scenario 68, without the forge: whoever rewrites entries and the head must know of what was proven too."""
    assert proof.look(context, AT_ONCE) is None
    with context.store.write() as tx:
        tx.execute(text("DELETE FROM ledger WHERE seq > 20"))
        row = tx.execute(text("SELECT hash FROM ledger WHERE seq = 20")).scalar_one()
        tx.execute(text("UPDATE ledger_head SET seq = 20, hash = :hash"), {"hash": row})
        for number in range(9):
            ledger.append(tx, "decision", SEVEN.key, {"another": number}, NOON)
        assert ledger.verify(entry.exported() for entry in ledger.walk(tx)) is None
    fault = proof.look(context, AT_ONCE)
    assert fault is not None
    assert (fault.seq, "rewritten" in fault.text) == (27, True)


def test_a_hash_on_the_forge_that_the_ledger_lacks_is_one_finding_until_it_is_closed(context: Context) -> None:
    """Scenario 68: after an old copy was put back every check carries such a hash; people are told once."""

    def seen(subject: Subject, digest: str) -> None:
        witness.held(context, subject, Published(1, CheckState.PASSED, "d", witness=digest))

    def listed() -> list[int | None]:
        with context.store.read() as tx:
            return [each.number for each in findings.page(tx, kind=findings.FindingKind.LEDGER)]

    with context.store.read() as tx:
        known = ledger.head(tx)[1]
    seen(SEVEN, known)
    seen(SEVEN, ledger.GENESIS)
    assert listed() == []
    for _ in range(2):
        seen(SEVEN, "a" * 64)
        seen(EIGHT, "b" * 64)
    assert listed() == [7]
    with context.store.write() as tx:
        (one,) = findings.page(tx)
        assert watch.close(tx, one.id, 1001, "restored after a disk was lost", NOON)
    seen(EIGHT, "b" * 64)
    assert listed() == [], "it was known when somebody looked"
    seen(EIGHT, "c" * 64)
    assert listed() == [8]
