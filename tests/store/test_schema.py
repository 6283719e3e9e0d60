"""A database is made, migrated, or refused; never guessed at."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.model.errors import NeedsSomebodyError
from bot.store import open_store, records, schema
from bot.store.tables import metadata


def test_an_empty_database_gets_the_tables_that_the_code_expects(url: str) -> None:
    store = open_store(url)
    with store.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.dispose()


def test_a_filled_database_is_opened_as_it_is(url: str) -> None:
    store = open_store(url)
    with store.write() as tx:
        records.put(tx, "a", 1)
    store.dispose()
    again = open_store(url)
    with again.read() as tx:
        assert records.get(tx, "a") == 1
    again.dispose()


def test_later_steps_keep_what_a_filled_database_holds(url: str) -> None:
    """Small state counts as written on the day of the step, what waits is in the queue, entries have their scope."""
    first = schema.Store(schema.connect(url))
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.set_main_option("path_separator", "os")
    with first.write() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        tx.execute(text("INSERT INTO records (name, value) VALUES ('published/a', '1')"))
        kept = "INSERT INTO ledger (seq, at, kind, subject, body, hash) VALUES (:seq, :at, 'x', :subject, '{}', 'h')"
        for seq, subject in enumerate(("github/12/change/7", None)):
            tx.execute(text(kept), {"seq": seq, "at": datetime(2026, 11, 20, tzinfo=UTC), "subject": subject})
    first.dispose()
    again = open_store(url)
    with again.write() as tx:
        assert records.get(tx, "published/a") == 1
        assert records.forget_before(tx, datetime(2020, 1, 1, tzinfo=UTC), ("published/",)) == 0
        assert records.forget_before(tx, datetime(2999, 1, 1, tzinfo=UTC), ("published/",)) == 1
        assert tx.execute(text("SELECT scope FROM ledger ORDER BY seq")).scalars().all() == ["github/12", None]
    again.dispose()


def test_a_step_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(url)
    with store.write() as tx:
        for table in ("records", "alembic_version"):
            tx.execute(text(f"DROP TABLE {table}"))
    store.dispose()
    with pytest.raises(Exception, match="already exists"):
        open_store(url)
    left = schema.Store(schema.connect(url))
    with left.read() as tx:
        assert MigrationContext.configure(tx).get_current_heads() == ()
    left.dispose()


def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    store = open_store(url)
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.dispose()
    with pytest.raises(NeedsSomebodyError, match=r"newer version of signoff-bot \(its schema is 9999, .* up to 0003\)"):
        open_store(url)
