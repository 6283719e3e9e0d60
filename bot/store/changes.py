"""The changes as last decided and published: what pages show and what publishing must know. Not what decides.

Lists never carry the recorded decision, which is large; `get` does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, literal, select, tuple_, union, update

from bot.model.change import Account, AccountKind
from bot.model.ids import AccountId, Sha
from bot.model.subject import Subject
from bot.store import canonical, people
from bot.store.engine import Tx
from bot.store.sql import change_row, insert_new, of_change, of_repository, put
from bot.store.tables import asked, pushes_seen
from bot.store.tables import changes as table

OPEN = "open"
MOST_FROM_BRANCH = 20
"""How many changes from one branch are looked for at most."""
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
SLIM = [column for column in table.c if column.name != "decision"]
_SAME = (
    "title", "url", "state", "head", "base", "updated_at", "verdict", "ai_class", "check_title", "decided_at",
    "waiting_since", "closed_at", "decision_digest", "published_state", "published_digest", "published_id",
    "published_sha", "publish_error", "urgency", "files", "additions", "deletions", "tools", "zones", "first_at",
    "held_at", "held_head", "signed_at", "signed_seconds",
)  # fmt: skip
"""The columns that are fields of the same name and value."""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change. `name` is the repository's full name then, `base` the branch, `state` open, closed or merged.

    `updated_at` is the forge's. `verdict`, `ai_class` and what follows are empty before the first decision. `decision`
    is a JSON record of it, None in lists. `published_…` is our newest check: on which commit, in which state, with
    which content; `publish_error` why the one decided is not there yet.

    `urgency` orders the queue, the lowest first: 0 does not wait. `files`, `additions` and `deletions` are its size,
    `tools` and `zones` names joined by commas. `first_at` is when it was first decided, `held_at` and `held_head` when
    and on which head it was first held, `signed_at` and `signed_seconds` when it last came from waiting to signed and
    for how long it had waited.
    """

    subject: Subject
    name: str
    title: str
    author: Account
    url: str
    state: str
    head: Sha
    base: str
    updated_at: datetime | None = None
    verdict: str | None = None
    ai_class: str | None = None
    check_title: str = ""
    decided_at: datetime | None = None
    waiting_since: datetime | None = None
    closed_at: datetime | None = None
    decision_digest: str = ""
    published_state: str | None = None
    published_digest: str | None = None
    published_id: int | None = None
    published_sha: Sha | None = None
    publish_error: str | None = None
    urgency: int = 0
    files: int | None = None
    additions: int | None = None
    deletions: int | None = None
    tools: str = ""
    zones: str = ""
    first_at: datetime | None = None
    held_at: datetime | None = None
    held_head: Sha | None = None
    signed_at: datetime | None = None
    signed_seconds: int | None = None
    decision: Mapping[str, Any] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    """An open change in short: enough to see whether it moved since."""

    head: Sha
    updated_at: datetime | None
    decided_at: datetime | None
    published_id: int | None = None


def save(tx: Tx, row: ChangeRow) -> None:
    """Insert a change or replace what is there; without a decision, the recorded one stays."""
    columns = {name: getattr(row, name) for name in _SAME} | change_row(row.subject)
    columns |= {"name": row.name, "author": row.author.id, "author_kind": row.author.kind.value}
    columns["listed_at"] = row.waiting_since or _NEVER
    if row.decision is not None:
        columns["decision"] = canonical.dumps(row.decision)
    put(tx, table, columns)


def get(tx: Tx, subject: Subject) -> ChangeRow | None:
    """A change with its recorded decision; None when it was never saved."""
    return next(iter(rows_of(tx, tx.execute(select(table).where(of_change(table, subject))).all())), None)


def ask(tx: Tx, subject: Subject, who: Iterable[str]) -> None:
    """These are asked to sign a change: accounts by their numbers, teams by their names; nobody else any more."""
    wanted = set(who)
    known = set(tx.execute(select(asked.c.who).where(of_change(asked, subject))).scalars())
    if known - wanted:
        tx.execute(delete(asked).where(of_change(asked, subject), asked.c.who.in_(known - wanted)))
    insert_new(tx, asked, [change_row(subject) | {"who": each} for each in sorted(wanted - known)])


def with_head(tx: Tx, forge: str, repository: int, sha: Sha, *, but: Subject | None = None) -> tuple[ChangeRow, ...]:
    """The open changes on a head, by number, without the one named in `but`."""
    on_head = select(*SLIM).where(of_repository(table, forge, repository), table.c.head == sha, table.c.state == OPEN)
    return tuple(row for row in rows_of(tx, tx.execute(on_head.order_by(table.c.number)).all()) if row.subject != but)


def from_branch(tx: Tx, forge: str, repository: int, branch: str) -> tuple[ChangeRow, ...]:
    """The open changes on any head that a push to a branch is known to have brought or left, by number: a fork's branch
    of the same name is not among what was seen here.
    """
    here = and_(of_repository(pushes_seen, forge, repository), pushes_seen.c.branch == branch)
    stood = union(select(pushes_seen.c.before).where(here), select(pushes_seen.c.after).where(here))
    on_it = select(*SLIM).where(of_repository(table, forge, repository), table.c.state == OPEN, table.c.head.in_(stood))
    return rows_of(tx, tx.execute(on_it.order_by(table.c.number).limit(MOST_FROM_BRANCH)).all())


def page(  # noqa: PLR0913  filters, each by name
    tx: Tx,
    *,
    after: Subject | None = None,
    limit: int = 100,
    state: str = OPEN,
    forge: str | None = None,
    repository: int | None = None,
    verdict: str | None = None,
) -> tuple[ChangeRow, ...]:
    """Changes of a state, the longest waiting first and those that do not wait last; `after` is the last one had."""
    order = (table.c.listed_at, table.c.forge, table.c.repository, table.c.number)
    filters = (("forge", forge), ("repository", repository), ("verdict", verdict))
    wanted = [table.c.state == state, *(table.c[name] == value for name, value in filters if value is not None)]
    if after is not None:
        wanted.append(tuple_(*order) > select(*order).where(of_change(table, after)).scalar_subquery())
    return rows_of(tx, tx.execute(select(*SLIM).where(and_(*wanted)).order_by(*order).limit(limit)).all())


def known(tx: Tx, forge: str, repository: int) -> dict[int, Known]:
    """The open changes of a repository by number."""
    columns = (table.c.number, table.c.head, table.c.updated_at, table.c.decided_at, table.c.published_id)
    rows = tx.execute(select(*columns).where(of_repository(table, forge, repository), table.c.state == OPEN))
    return {row.number: Known(Sha(row.head), row.updated_at, row.decided_at, row.published_id) for row in rows}


def decisions(tx: Tx, *, page: int = 200) -> Iterator[tuple[Subject, Mapping[str, Any] | None]]:
    """Every open change with its recorded decision, so many at a time in memory."""
    key = (table.c.forge, table.c.repository, table.c.number)
    wanted = select(*key, table.c.decision).where(table.c.state == OPEN).order_by(*key).limit(page)
    some = tx.execute(wanted).all()
    while some:
        for row in some:
            decision = None if row.decision is None else canonical.loads(row.decision)
            yield Subject.change(row.forge, row.repository, row.number), decision
        last = some[-1]
        after = tuple_(*key) > tuple_(*(literal(each) for each in last[:3]))
        some = tx.execute(wanted.where(after)).all()


def count(tx: Tx) -> dict[str, int]:
    """How many open changes there are of each verdict; "" for those without one."""
    rows = tx.execute(select(table.c.verdict, func.count()).where(table.c.state == OPEN).group_by(table.c.verdict))
    return {verdict or "": number for verdict, number in rows}


def published(tx: Tx, subject: Subject, sha: Sha, state: str, digest: str, number: int) -> None:  # noqa: PLR0913, PLR0917
    """Our check stands on a commit now: its state, the digest of its content, and the forge's number of it."""
    told = {"published_sha": sha, "published_state": state, "published_digest": digest, "published_id": number}
    tx.execute(update(table).where(of_change(table, subject)).values(told | {"publish_error": None}))


def not_published(tx: Tx, subject: Subject, error: str) -> None:
    """The check that was decided could not be put on its commit, and why."""
    tx.execute(update(table).where(of_change(table, subject)).values(publish_error=error))


def unpublished(tx: Tx) -> int:
    """How many open changes have a decision that could not be published yet."""
    failed = and_(table.c.state == OPEN, table.c.publish_error.is_not(None))
    return tx.execute(select(func.count()).where(failed)).scalar_one()


def close(tx: Tx, subject: Subject, now: datetime, state: str = "closed") -> bool:
    """A change is not open any more; False when it was not known as open."""
    mine = and_(of_change(table, subject), table.c.state == OPEN)
    closed = {"state": state, "closed_at": now, "waiting_since": None, "listed_at": _NEVER, "urgency": 0}
    ask(tx, subject, ())
    return tx.execute(update(table).where(mine).values(closed)).rowcount == 1


def erase_before(tx: Tx, at: datetime) -> int:
    """Forget the recorded decisions, which hold names, of changes closed before a time; how many."""
    old = and_(table.c.state != OPEN, table.c.closed_at < at, table.c.decision.is_not(None))
    return tx.execute(update(table).where(old).values(decision=None)).rowcount


def rows_of(tx: Tx, rows: Any) -> tuple[ChangeRow, ...]:
    """The changes of the table's rows, with the logins of their authors."""
    logins: dict[str, dict[AccountId, str]] = {}
    for forge in {row.forge for row in rows}:
        logins[forge] = people.names(tx, forge, [row.author for row in rows if row.forge == forge and row.author])
    return tuple(_row(row, logins[row.forge].get(row.author)) for row in rows)


def _row(row: Row[Any], login: str | None) -> ChangeRow:
    held = row._mapping  # noqa: SLF001  SQLAlchemy's public way to a row's columns by name
    body = held.get("decision")
    return ChangeRow(
        subject=Subject.change(row.forge, row.repository, row.number),
        name=row.name,
        author=Account(login, row.author, AccountKind(row.author_kind)),
        decision=None if body is None else canonical.loads(body),
        **{name: held[name] for name in _SAME},
    )
