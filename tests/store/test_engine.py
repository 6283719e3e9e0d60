"""A committed transaction is on disk, and what may pass by itself says so."""

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.model.errors import BadInputError, NeedsSomebodyError, TryAgainError
from bot.store import Store, deliveries, open_store, records
from tests.store.nouns import NOON


def test_sqlite_syncs_at_every_commit_and_keeps_a_write_ahead_log(sqlite: Store) -> None:
    for transaction in (sqlite.write, sqlite.read):
        with transaction() as tx:
            names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            pragmas = [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
            assert pragmas == ["wal", 2, 1, 10_000]


def test_postgresql_syncs_at_every_commit_and_frees_the_locks_of_the_stopped(postgresql) -> None:
    store = open_store(postgresql("template1") + "&options=-c%20synchronous_commit%3Doff")
    with store.write() as tx:
        names = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [tx.execute(text(f"SHOW {name}")).scalar() for name in names] == ["on", "10s", "1min"]
    store.dispose()


def test_only_what_may_be_lost_spares_the_wait_for_the_disk(sqlite: Store, postgresql) -> None:
    """And the next transaction, on the same connection, waits again."""
    store = open_store(postgresql("template1"))
    for durable, pragma, setting in ((False, 1, "off"), (True, 2, "on")):
        with sqlite.write(durable=durable) as tx:
            assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == pragma
        with store.write(durable=durable) as tx:
            assert tx.execute(text("SHOW synchronous_commit")).scalar() == setting
    store.dispose()


def test_a_sqlite_writer_takes_its_place_before_it_reads(sqlite: Store, tmp_path: Path) -> None:
    with sqlite.write():
        other = sqlite3.connect(tmp_path / "signoff.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_a_locked_database_says_try_again(sqlite: Store, tmp_path: Path) -> None:
    impatient = open_store(f"sqlite:///{tmp_path}/signoff.db", patience=0)
    with (
        sqlite.write(),
        pytest.raises(TryAgainError, match="The database could not do this now: database is locked"),
        impatient.write(),
    ):
        pass
    impatient.dispose()


def test_a_writer_that_waits_too_long_for_another_thread_says_try_again(tmp_path: Path) -> None:
    impatient = open_store(f"sqlite:///{tmp_path}/signoff.db", patience=0.01)
    with (
        impatient.write(),
        pytest.raises(TryAgainError, match="other transactions of this process"),
        impatient.write(),
    ):
        pass
    impatient.dispose()


def test_a_lost_connection_says_try_again_and_the_next_transaction_works(postgresql) -> None:
    store = open_store(postgresql("template1"))
    with pytest.raises(TryAgainError), store.write() as tx:
        with store.write() as other:
            own = tx.execute(text("SELECT pg_backend_pid()")).scalar()
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        records.put(tx, "a", 1)
    with store.read() as tx:
        assert records.get(tx, "a") is None
    store.dispose()


def test_a_server_that_is_not_there_says_try_again(tmp_path: Path) -> None:
    with pytest.raises(TryAgainError) as error:
        open_store(f"postgresql://jo:hunter2@/signoff?host={tmp_path}")
    assert "hunter2" not in str(error.value)


def test_a_fault_of_ours_does_not_say_try_again(store: Store) -> None:
    with pytest.raises(DBAPIError), store.write() as tx:
        tx.execute(text("SELECT nothing FROM nowhere"))


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, NeedsSomebodyError)), store.read() as tx:
        records.put(tx, "a", 1)
    with store.write() as tx:
        records.put(tx, "a", 2)
    with store.read() as tx:
        assert records.get(tx, "a") == 2


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    with store.read() as reader:
        assert records.get(reader, "a") is None
        with store.write() as tx:
            records.put(tx, "a", 1)
        assert records.get(reader, "a") is None


def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as tx:
        records.put(tx, "a", 1)
        raise KeyError
    with store.read() as tx:
        assert records.get(tx, "a") is None


def test_threads_write_in_turn(store: Store) -> None:
    def work(name: str) -> None:
        for number in range(20):
            with store.write() as tx:
                deliveries.record(tx, "github", f"{name}{number}", "push", NOON)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM deliveries")).scalar() == 80


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="no time zone"), store.write() as tx:
        deliveries.record(tx, "github", "a", "push", datetime(2026, 11, 20))  # noqa: DTZ001


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://jo:hunter2@host/db", "hunter2", ""])
def test_a_database_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadInputError) as error:
        open_store(url)
    assert "hunter2" not in str(error.value)


def test_a_file_that_cannot_be_opened_is_for_somebody_to_repair(tmp_path: Path) -> None:
    with pytest.raises(NeedsSomebodyError, match="unable to open database file"):
        open_store(f"sqlite:///{tmp_path}/missing/signoff.db")


def test_a_file_that_is_no_database_is_for_somebody_to_repair(tmp_path: Path) -> None:
    (tmp_path / "signoff.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(NeedsSomebodyError, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/signoff.db")
