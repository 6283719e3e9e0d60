"""Typed records kept in memory and written through to SQLite, so that a forge's state survives a restart.

A record notices assignment to its fields; what is inside a field is replaced, never changed in place. The store knows
no forge, and it does not lock: whoever owns it holds one lock around each request.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

R = TypeVar("R", bound="Record")


class Record(BaseModel):
    """A row. `first` is the first id given out; `indexed` names fields that never change and are looked up by."""

    model_config = ConfigDict(extra="forbid")
    first: ClassVar[int] = 1
    indexed: ClassVar[tuple[str, ...]] = ()
    id: int = 0
    _store: "Store | None" = PrivateAttr(default=None)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if self._store is not None and name != "_store":
            self._store.touched(self)

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.id))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.id == getattr(other, "id", None)


class Store:
    """All records of one forge, by type and id."""

    def __init__(self, types: tuple[type[Record], ...], database: Path | None = None) -> None:
        self._types = types
        self._rows: dict[type[Record], dict[int, Record]] = {kind: {} for kind in types}
        self._index: dict[tuple[type[Record], str, object], dict[int, None]] = {}
        self._next: dict[type[Record], int] = {kind: kind.first for kind in types}
        self._dirty: dict[Record, None] = {}
        self._file = _open(database) if database else None
        if self._file:
            self._load(self._file)

    def _load(self, file: sqlite3.Connection) -> None:
        names = {kind.__name__: kind for kind in self._types}
        for name, body in file.execute("SELECT kind, body FROM record ORDER BY kind, id"):
            self._take(names[name].model_validate_json(body))
        for name, number in file.execute("SELECT kind, number FROM next_id"):
            self._next[names[name]] = number
        self._dirty.clear()

    def _take(self, record: Record) -> None:
        kind = type(record)
        self._rows[kind][record.id] = record
        for field in kind.indexed:
            self._index.setdefault((kind, field, getattr(record, field)), {})[record.id] = None
        record._store = self  # noqa: SLF001 - the other half of Record

    def touched(self, record: Record) -> None:
        """Remember that a record is to be written."""
        self._dirty[record] = None

    def add(self, record: R) -> R:
        """Take in a new record; it gets the next id unless it brings one."""
        kind = type(record)
        if not record.id:
            while self._next[kind] in self._rows[kind]:
                self._next[kind] += 1
            record.id = self._next[kind]
            self._next[kind] += 1
        if record.id in self._rows[kind]:
            raise ValueError(f"{kind.__name__} {record.id} is there already")
        self._take(record)
        self.touched(record)
        return record

    def remove(self, record: Record) -> None:
        """Forget a record."""
        kind = type(record)
        del self._rows[kind][record.id]
        for field in kind.indexed:
            self._index[kind, field, getattr(record, field)].pop(record.id, None)
        self.touched(record)

    def get(self, kind: type[R], record_id: int | None) -> R | None:
        """The record of that id, if there is one."""
        return self._rows[kind].get(record_id) if record_id is not None else None  # type: ignore[return-value]  # by type

    def all(self, kind: type[R]) -> list[R]:
        """Every record of a type, oldest first."""
        return list(self._rows[kind].values())  # type: ignore[arg-type]  # rows are kept by type

    def where(self, kind: type[R], /, **fields: object) -> list[R]:
        """The records whose fields have these values, oldest first."""
        return list(self._matching(kind, fields))

    def _matching(self, kind: type[R], fields: dict[str, object]) -> Iterator[R]:
        best: dict[int, Any] | None = None
        for field in kind.indexed:
            if field in fields:
                found = self._index.get((kind, field, fields[field]), {})
                best = found if best is None or len(found) < len(best) else best
        rows = self._rows[kind]
        for key in rows if best is None else best:
            record = rows[key]
            if all(getattr(record, field) == value for field, value in fields.items()):
                yield record  # type: ignore[misc]  # rows are kept by type

    def copy(self) -> Self:
        """The same state in memory only; nothing done to one shows in the other."""
        twin = type(self)(self._types)
        for rows in self._rows.values():
            for record in rows.values():
                twin._take(record.model_copy())  # noqa: SLF001 - of the same class
        return twin

    def keep_object(self, oid: str, kind: str, body: bytes) -> None:
        """Write one immutable object."""
        if self._file:
            self._file.execute("INSERT OR IGNORE INTO object VALUES (?, ?, ?)", (oid, kind, body))

    def objects(self) -> Iterator[tuple[str, str, bytes]]:
        """Every immutable object that was kept."""
        return self._file.execute("SELECT oid, kind, body FROM object") if self._file else iter(())

    def flush(self) -> None:
        """Write what was touched, in one transaction."""
        if self._file and (self._dirty or self._file.in_transaction):
            for record in self._dirty:
                name, kept = type(record).__name__, self._rows[type(record)].get(record.id)
                if kept is None:
                    self._file.execute("DELETE FROM record WHERE kind = ? AND id = ?", (name, record.id))
                else:
                    body = kept.model_dump_json()
                    self._file.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", (name, record.id, body))
                number = self._next[type(record)]
                self._file.execute("INSERT OR REPLACE INTO next_id VALUES (?, ?)", (name, number))
            self._file.commit()
        self._dirty.clear()

    def clear(self) -> None:
        """Forget everything, in the file too."""
        for kind in self._types:
            self._rows[kind].clear()
            self._next[kind] = kind.first
        self._index.clear()
        self._dirty.clear()
        if self._file:
            for table in ("record", "object", "next_id"):
                self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - from the line above
            self._file.commit()

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self.flush()
        if self._file:
            self._file.close()


def _open(database: Path) -> sqlite3.Connection:
    database.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(database, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")
    file.execute("CREATE TABLE IF NOT EXISTS record (kind TEXT, id INTEGER, body TEXT, PRIMARY KEY (kind, id))")
    file.execute("CREATE TABLE IF NOT EXISTS object (oid TEXT PRIMARY KEY, kind TEXT, body BLOB)")
    file.execute("CREATE TABLE IF NOT EXISTS next_id (kind TEXT PRIMARY KEY, number INTEGER)")
    return file
