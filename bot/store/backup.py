"""Copies of a whole database: taken while the service runs, put back into an empty place, and an older schema again.

SQLite is copied by its own online backup, PostgreSQL by its own pg_dump and pg_restore, which must be installed where
this runs. Nothing is ever written over: a target that holds something is refused. Whether a copy is worth anything is
for the caller to prove, by opening it and verifying the ledger.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.migration import MigrationContext
from sqlalchemy import URL, inspect, make_url

from bot.model.errors import BadInputError, NeedsSomebodyError
from bot.store.engine import Store, connect
from bot.store.schema import PACKAGED, configured, heads

_LAST_WORDS = 500


def save(url: str, target: Path) -> None:
    """Write a copy of the database to a new file that only its owner may read. Writers need not stop for it."""
    if target.exists():
        raise BadInputError(f"{target}: there is a file already; a backup overwrites nothing")
    parsed = _known(url)
    target.touch(mode=0o600)
    try:
        if parsed.get_backend_name() == "sqlite":
            _copy(_file(parsed), target)
        else:
            _run(parsed, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def put_back(url: str, source: Path) -> None:
    """Fill an empty database, or a SQLite file that is not there, from a copy. The service must not run meanwhile."""
    parsed = _known(url)
    if not source.is_file():
        raise BadInputError(f"{source}: there is no such file")
    if parsed.get_backend_name() == "sqlite":
        target = Path(str(parsed.database))
        left = [path for path in (target, Path(f"{target}-wal"), Path(f"{target}-shm")) if path.exists()]
        if left:
            raise BadInputError(f"{left[0]} is there: stop the service, move it aside, then restore")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy(source, target)
        return
    engine = connect(url)
    try:
        tables = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if tables:
        raise BadInputError(f"the database holds {len(tables)} tables: restore into a new, empty one")
    _run(parsed, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source))


def lower(url: str, revision: str, *, migrations: str = PACKAGED) -> None:
    """Take a database back to the schema of an older version; BadInputError for a revision there is none of."""
    config, scripts = configured(migrations)
    below = {each.revision for each in scripts.walk_revisions()}
    if revision not in below:
        raise BadInputError(f"{revision!a} is no schema of this version; it knows {', '.join(sorted(below))}")
    store = Store(connect(url))
    try:
        with store.write() as tx:
            now = MigrationContext.configure(tx).get_current_revision()
            if now is None or now not in below:
                raise NeedsSomebodyError(f"the database's schema is {now or 'none'}: this version cannot lower it")
            config.attributes["connection"] = tx
            command.downgrade(config, revision)
    finally:
        store.dispose()


def standing(url: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The schema of the database and the one this version needs; neither is changed."""
    store = Store(connect(url))
    try:
        with store.read() as tx:
            return tuple(MigrationContext.configure(tx).get_current_heads()), heads()
    finally:
        store.dispose()


def _known(url: str) -> URL:
    connect(url).dispose()
    return make_url(url)


def _file(url: URL) -> Path:
    path = Path(str(url.database))
    if not path.is_file():
        raise BadInputError(f"there is no database at {path}; SIGNOFF_DATABASE_URL names the service's")
    return path


def _copy(source: Path, target: Path) -> None:
    """One state of a database, also while it is written to."""
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old:
            target.touch(mode=0o600)
            with closing(sqlite3.connect(target)) as new:
                old.backup(new)
                if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    raise NeedsSomebodyError(f"{source}: the copy is not whole; look at the disk")
    except sqlite3.DatabaseError as error:
        target.unlink(missing_ok=True)
        raise BadInputError(f"{source}: this is no SQLite database that can be copied: {error}") from None


def _run(url: URL, program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs; the password goes by the environment, never by the command line."""
    if shutil.which(program) is None:
        raise NeedsSomebodyError(
            f"{program} is needed here: install PostgreSQL's client programs of the server's version"
        )
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    ended = subprocess.run(
        [program, f"--dbname={plain}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise NeedsSomebodyError(f"{program} failed: {ended.stderr.strip()[-_LAST_WORDS:]}")
