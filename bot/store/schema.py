"""Bringing a database to the tables this version needs, or refusing it.

One transaction under a lock: of several processes that start at once one migrates and the others wait, and a step that
fails leaves nothing behind. A database that a newer version migrated is refused: this version would misread it.
"""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.model.errors import NeedsSomebodyError
from bot.store.engine import PATIENCE, Store, Tx, connect

_LOCK = 7_369_676_100
"""The number by which processes that start on one PostgreSQL database know this lock."""

PACKAGED = "bot.store:migrations"
"""Where the migrations of this version are."""


def open_store(url: str, *, migrations: str = PACKAGED, patience: float = PATIENCE) -> Store:
    """Open a database (sqlite:///path or postgresql://…), made or migrated as needed. `patience`: see `PATIENCE`.

    BadInputError for a URL that cannot be used, NeedsSomebodyError for a database of a newer version, TryAgainError
    when the database does not answer.
    """
    store = Store(connect(url, patience), patience)
    try:
        _bring_up(store, migrations)
    except BaseException:
        store.dispose()
        raise
    return store


def configured(migrations: str = PACKAGED) -> tuple[Config, ScriptDirectory]:
    """Alembic's configuration for a folder of migrations, and what is in it."""
    config = Config()
    config.set_main_option("script_location", migrations)
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def heads() -> tuple[str, ...]:
    """The schema this version needs."""
    return tuple(configured()[1].get_heads())


def _bring_up(store: Store, migrations: str) -> None:
    config, scripts = configured(migrations)
    with store.read() as tx:
        if _is_current(tx, scripts):
            return
    with store.write() as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(text("SET LOCAL lock_timeout = '120s'"))
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if not _is_current(tx, scripts):
            config.attributes["connection"] = tx
            command.upgrade(config, "head")


def _is_current(tx: Tx, scripts: ScriptDirectory) -> bool:
    """Whether the database has this version's tables; NeedsSomebodyError when it has a newer version's."""
    found = set(MigrationContext.configure(tx).get_current_heads())
    ours = {revision.revision for revision in scripts.walk_revisions()}
    if found - ours:
        raise NeedsSomebodyError(
            f"The database was migrated by a newer version of signoff-bot (its schema is {', '.join(sorted(found))}, "
            f"this version knows up to {scripts.get_current_head()}). Start that version, or restore an older backup."
        )
    return found == set(scripts.get_heads())
