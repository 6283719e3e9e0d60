"""Which errors of a database may pass by themselves, which need somebody, and our own errors for them.

A lock, a lost connection, a server that restarts, a full disk: the same transaction may succeed later. A file that is
no database or must not be written, a missing right: somebody must act. A broken statement or a missing table is a
fault of the program and stays what it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from bot.model.errors import NeedsSomebodyError, TryAgainError

_SQLITE_NEEDS = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_PERM", "SQLITE_READONLY")
_POSTGRESQL_NEEDS = ("28", "3D", "42501")
"""SQLSTATE: log-in refused, no such database, no such right."""
_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_FULL", "SQLITE_IOERR")
_POSTGRESQL = ("08", "40", "53", "57", "55P03", "25P03")
"""SQLSTATE: connection, rollback, resources, operator intervention, lock timeout, idle in a transaction."""


def passes(error: exc.DBAPIError) -> bool:
    """Whether the same transaction may succeed later."""
    if error.connection_invalidated:
        return True
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_SQLITE)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRESQL)
    return isinstance(error, exc.OperationalError | exc.InterfaceError)


def needs_somebody(error: exc.DBAPIError) -> bool:
    """Whether it stays like this until a person acts."""
    name, state = getattr(error.orig, "sqlite_errorname", None), getattr(error.orig, "sqlstate", None)
    return str(name).startswith(_SQLITE_NEEDS) or str(state).startswith(_POSTGRESQL_NEEDS)


@contextmanager
def as_ours() -> Iterator[None]:
    """Turn what passes by itself into TryAgainError, what needs somebody into NeedsSomebodyError.

    The messages hold no value of any statement.
    """
    try:
        yield
    except exc.DBAPIError as error:
        if needs_somebody(error):
            raise NeedsSomebodyError(f"The database cannot be used: {_first_line(error.orig)}") from error
        if not passes(error):
            raise
        raise TryAgainError(f"The database could not do this now: {_first_line(error.orig)}") from error
    except exc.TimeoutError as error:
        raise TryAgainError("The database could not do this now: all connections are in use") from error


def _first_line(error: BaseException | None) -> str:
    return next(iter(str(error).splitlines()), "no reason given")
