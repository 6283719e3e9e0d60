"""The database behind the store: one code path for SQLite and PostgreSQL, and what makes each of them durable.

A transaction is short and all or nothing. SQLite: write-ahead log, fsync at a durable commit, one writer at a time that
took its place in advance (BEGIN IMMEDIATE), so that no transaction fails half-way for a lock. PostgreSQL: READ
COMMITTED for writers, who lock the rows they change, and one snapshot for readers. Nothing here reads the clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from math import ceil
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.model.errors import BadInputError, TryAgainError
from bot.store.errors import as_ours

Tx: TypeAlias = Connection
"""One transaction. Every function of the store takes one, so that several of them succeed or fail together."""

PATIENCE = 10.0
"""Seconds that a transaction waits for a lock or a connection before it gives up with TryAgainError."""

_WRITES = "store_writes"
_SYNCHRONOUS = "store_synchronous"

_POSTGRESQL_OPTIONS = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=60s"
"""A durable commit is on disk when it returns; a worker that was stopped in mid-transaction blocks nobody for ever."""


class Store:
    """An open database. Threads share it; a process that forks opens its own after the fork."""

    def __init__(self, engine: Engine, patience: float = PATIENCE) -> None:
        self._engine = engine
        self._patience = patience
        self._sqlite = engine.dialect.name == "sqlite"
        self._turn = Lock()

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Tx]:
        """A transaction that commits when the block ends and rolls back when it raises.

        One that is not `durable` spares the wait for the disk: the machine's failure may undo it, a process's cannot,
        and no later one outlasts it. It is for what costs work to lose, never knowledge.

        TryAgainError for everything that may pass by itself, a failed commit among it; NeedsSomebodyError for what
        stays until a person acts.
        """
        with self._own_turn() if self._sqlite else nullcontext(), as_ours(), self._engine.connect() as tx:
            tx.execution_options(**{_WRITES: True, _SYNCHRONOUS: "FULL" if durable else "NORMAL"})
            with tx.begin():
                if not (durable or self._sqlite):
                    tx.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one state of the database throughout and cannot change it."""
        with as_ours(), self._engine.connect() as tx:
            if not self._sqlite:
                tx.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with tx.begin():
                yield tx

    def dispose(self) -> None:
        """Close all connections; no transaction may be open."""
        self._engine.dispose()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        """Let the threads of this process write in turn: SQLite itself would make them sleep and try again."""
        if not self._turn.acquire(timeout=self._patience):
            raise TryAgainError("The database could not do this now: other transactions of this process are in the way")
        try:
            yield
        finally:
            self._turn.release()


def connect(url: str, patience: float = PATIENCE) -> Engine:
    """The engine for a URL (sqlite:///path or postgresql://…); BadInputError for any other."""
    parsed = _parse(url)
    return (_sqlite if parsed.get_backend_name() == "sqlite" else _postgresql)(parsed, patience)


def _postgresql(url: URL, patience: float) -> Engine:
    own = f"{_POSTGRESQL_OPTIONS} -c lock_timeout={round(patience * 1000)}ms"
    return create_engine(
        url,
        connect_args={
            "connect_timeout": ceil(patience),
            **url.query,
            "options": f"{url.query.get('options', '')} {own}",
        },
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        pool_timeout=patience,
        hide_parameters=True,
    )


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    except ArgumentError:
        raise BadInputError("The database URL cannot be read: write sqlite:///path or postgresql://…") from None
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise BadInputError(f"{parsed.drivername} is no database this product knows: sqlite:///path or postgresql://…")
    if parsed.database in {None, "", ":memory:"}:
        raise BadInputError("A SQLite database in memory forgets everything: give a path, sqlite:///path")
    return parsed


def _sqlite(url: URL, patience: float) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": patience}, pool_timeout=patience, max_overflow=50, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins no transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(tx: Connection) -> None:
        options = tx.get_execution_options()
        writes = options.get(_WRITES, False)
        tx.exec_driver_sql("PRAGMA query_only=OFF" if writes else "PRAGMA query_only=ON")
        if writes:
            tx.exec_driver_sql(f"PRAGMA synchronous={options[_SYNCHRONOUS]}")
        tx.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
