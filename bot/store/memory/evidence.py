"""Remembering evidence, and the file contents that came with it.

Contents are remembered only of a change that has evidence: the same content elsewhere is then as AI-assisted as here.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha1, sha256
from typing import Any

from sqlalchemy import and_, exists, select, update

from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, BlobId
from bot.model.subject import Subject
from bot.store import canonical
from bot.store.engine import Tx
from bot.store.sql import change_row, insert_new, of_change
from bot.store.tables import blobs as blobs_table
from bot.store.tables import changes
from bot.store.tables import evidence as table

_AT_ONCE = 1000
"""How many quotes one transaction erases at most."""

_NOBODYS = (b"", b"\n", b"\n\n", b"\r\n", b" \n", b"{}", b"{}\n", b"[]", b"[]\n", b"*\n", b"*\n!.gitignore\n")


def _ids(content: bytes) -> tuple[BlobId, BlobId]:
    """A content's ids in git, by SHA-1 and by SHA-256."""
    data = b"blob %d\x00%b" % (len(content), content)
    return BlobId(sha1(data, usedforsecurity=False).hexdigest()), BlobId(sha256(data).hexdigest())


NOBODYS_BLOBS = frozenset(blob for content in _NOBODYS for blob in _ids(content))
"""The ids of what fills a placeholder (`.gitkeep`, `__init__.py`): content that everybody shares proves nothing. It is
an exact list, so nothing else passes for it; other small contents are told apart by their path (recall.py).
"""


def remember(  # noqa: PLR0913, PLR0917  the ways in which it will be found again
    tx: Tx,
    subject: Subject,
    branch: str,
    author: AccountId | None,
    evidence: Iterable[Evidence],
    blobs: Iterable[tuple[str, BlobId, int]],
    now: datetime,
) -> None:
    """Remember evidence found on a change, and its new file contents as (path, blob, added lines).

    What is remembered already is left as it was. `author` is the change's; None for one that cannot be told.
    """
    change = change_row(subject)
    found = {canonical.fingerprint(as_body(each)): each for each in evidence}
    rows = [
        change
        | {"fingerprint": fingerprint, "branch": branch, "author": author, "sha": each.commit, "at": now}
        | {"body": canonical.dumps(as_body(each))}
        for fingerprint, each in found.items()
    ]
    insert_new(tx, table, rows)
    if not rows and tx.execute(select(table.c.id).where(of_change(table, subject)).limit(1)).first() is None:
        return
    contents = {(path, blob): additions for path, blob, additions in blobs if blob not in NOBODYS_BLOBS}
    insert_new(
        tx,
        blobs_table,
        [change | {"blob": blob, "path": path, "additions": added} for (path, blob), added in contents.items()],
    )


ERASED = "(erased)"
"""Stands where a quote was: it may have held a name or a mailbox."""


def erase_before(tx: Tx, at: datetime) -> int:
    """Forget the quotes of evidence on changes that were closed before a time; that there was evidence stays."""
    same = and_(
        changes.c.forge == table.c.forge, changes.c.repository == table.c.repository, changes.c.number == table.c.number
    )
    closed = exists().where(same, changes.c.state != "open", changes.c.closed_at < at)
    erased = table.c.body.contains(canonical.dumps({"quote": ERASED})[1:-1])  # the member itself, whatever is quoted
    old = select(table.c.id, table.c.body).where(table.c.at < at, closed, ~erased)
    rows = tx.execute(old.limit(_AT_ONCE)).all()
    for row in rows:
        body = canonical.loads(row.body) | {"quote": ERASED}
        tx.execute(update(table).where(table.c.id == row.id).values(body=canonical.dumps(body)))
    return len(rows)


def as_body(evidence: Evidence) -> dict[str, Any]:
    """A finding as JSON."""
    return {**evidence.facts, "commit": evidence.commit}


def from_body(text: str) -> Evidence:
    """The finding that a body was made of, character for character."""
    body = canonical.loads(text)
    return Evidence(
        detector=body["detector"],
        tool=body["tool"],
        ai_class=AiClass(body["class"]),
        strength=Strength.of(body["strength"]),
        where=body["where"],
        quote=body["quote"],
        commit=body["commit"],
    )
