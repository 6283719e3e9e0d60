"""Recalling evidence for a change: its own, and what it inherits from others of the repository, saying from where.

By branch and author nothing is inherited that landed: it was allowed once, and the branch goes on with other work. By
commit and by content it is, since that is the same thing again.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, select, tuple_

from bot.model.evidence import Evidence
from bot.model.ids import AccountId, BlobId, Sha
from bot.model.subject import Subject
from bot.store.columns import storable
from bot.store.engine import Tx
from bot.store.memory.evidence import NOBODYS_BLOBS, from_body
from bot.store.sql import chunks, of_change, of_repository
from bot.store.tables import blobs as blobs_table
from bot.store.tables import changes, landed
from bot.store.tables import evidence as table

_INHERITED = ("seen in #", "same content as in #")


def recall(  # noqa: PLR0913, PLR0917  the ways in which it can be found
    tx: Tx,
    subject: Subject,
    branch: str,
    author: AccountId | None,
    commits: Iterable[Sha],
    blobs: Iterable[BlobId] = (),
    small: Iterable[tuple[str, BlobId]] = (),
) -> tuple[Evidence, ...]:
    """All that is remembered for a change, its own first, each finding once.

    `blobs` are contents that count wherever another change had them; `small` ones, as (path, blob), only where it had
    them at the same path. The `where` of an inherited finding begins with "seen in #7: ", "seen in #7, same branch and
    author: " or "same content as in #7 (src/pay.py): ".
    """
    found = [from_body(row.body) for row in _rows(tx, of_change(table, subject))]
    elsewhere = and_(of_repository(table, subject.forge, subject.repository), table.c.number != subject.number)
    for some in chunks(commits):
        found += [_from(row, f"seen in #{row.number}") for row in _rows(tx, elsewhere, table.c.sha.in_(some))]
    if author is not None:
        same = and_(table.c.branch == branch, table.c.author == author, ~_landed())
        found += [_from(row, f"seen in #{row.number}, same branch and author") for row in _rows(tx, elsewhere, same)]
    for number, path in _sharing(tx, subject, blobs, small):
        found += [
            _from(row, f"same content as in #{number} ({path})")
            for row in _rows(tx, elsewhere, table.c.number == number)
        ]
    distinct: dict[Evidence, Evidence] = {}
    for each in found:
        distinct.setdefault(replace(each, where=""), each)
    return tuple(distinct.values())


def resembles(tx: Tx, subject: Subject, files: Iterable[tuple[str, int]]) -> bool:
    """Whether a change's files, as (path, added lines), may hold content remembered of another change.

    Cheap, and true rather too often: some remembered file has the same path or the same number of added lines. It
    tells when it is worth a request to ask the forge for blob ids.
    """
    paths, additions = set[str](), set[int]()
    for path, added in files:
        paths.add(storable(path))
        additions |= {added} if added > 0 else set()
    elsewhere = and_(
        of_repository(blobs_table, subject.forge, subject.repository), blobs_table.c.number != subject.number
    )
    wanted = [blobs_table.c.additions.in_(some) for some in chunks(sorted(additions))]
    wanted += [blobs_table.c.path.in_(some) for some in chunks(sorted(paths))]
    return any(tx.execute(select(blobs_table.c.number).where(elsewhere, each).limit(1)).first() for each in wanted)


def _sharing(
    tx: Tx, subject: Subject, blobs: Iterable[BlobId], small: Iterable[tuple[str, BlobId]]
) -> list[tuple[int, str]]:
    """The other changes that brought the same contents, oldest first, each with one of the paths."""
    paths: dict[int, str] = {}
    columns = (blobs_table.c.number, func.min(blobs_table.c.path).label("path"))
    elsewhere = of_repository(blobs_table, subject.forge, subject.repository)
    alike = [blobs_table.c.blob.in_(some) for some in chunks(blob for blob in blobs if blob not in NOBODYS_BLOBS)]
    kept = ((storable(path), blob) for path, blob in small if blob not in NOBODYS_BLOBS)
    alike += [tuple_(blobs_table.c.path, blobs_table.c.blob).in_(some) for some in chunks(kept)]
    for each in alike:
        same = select(*columns).where(elsewhere, blobs_table.c.number != subject.number, each)
        paths |= {row.number: row.path for row in tx.execute(same.group_by(blobs_table.c.number))}
    return sorted(paths.items())


def _landed() -> ColumnElement[bool]:
    """Whether a finding's commit, or its change's newest head when it was found on the change itself, has landed."""
    mine = and_(
        changes.c.forge == table.c.forge, changes.c.repository == table.c.repository, changes.c.number == table.c.number
    )
    head = select(changes.c.head).where(mine).correlate(table).scalar_subquery()
    sha = func.coalesce(table.c.sha, head)
    return (
        exists()
        .where(landed.c.forge == table.c.forge, landed.c.repository == table.c.repository, landed.c.sha == sha)
        .correlate(table)
    )


def _rows(tx: Tx, *conditions: ColumnElement[bool]) -> list[Row[Any]]:
    return list(
        tx.execute(select(table.c.number, table.c.body).where(*conditions).order_by(table.c.number, table.c.id))
    )


def _from(row: Row[Any], origin: str) -> Evidence:
    """A finding with where it was inherited from; one that was inherited there already keeps its first origin."""
    evidence = from_body(row.body)
    if evidence.where.startswith(_INHERITED):
        return evidence
    return replace(evidence, where=f"{origin}: {evidence.where}")
