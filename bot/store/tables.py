"""Every table of the store, as the newest migration leaves it; a test holds the two together.

Columns are what is searched by or shown in lists. What only travels through is canonical JSON in a `body`, so that a
text comes back exactly as it was. Nobody's login is in any of these but `people` (and in recorded decisions).
"""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

from bot.store.columns import BigId, FreeText, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _repository(*, key: bool = True) -> tuple[Column[str], Column[int]]:
    return (
        Column("forge", String, primary_key=key, nullable=False),
        Column("repository", BigId, primary_key=key, nullable=False, autoincrement=False),
    )


def _change(*, key: bool = True) -> tuple[Column[str], Column[int], Column[int]]:
    return (*_repository(key=key), Column("number", BigId, primary_key=key, nullable=False, autoincrement=False))


# --- work: what came in, what is to be done, who does it

deliveries = Table(
    "deliveries",
    metadata,
    Column("forge", String, primary_key=True),
    Column("delivery", FreeText, primary_key=True),
    Column("kind", FreeText, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

due = Table(
    "due",
    metadata,
    Column("key", FreeText, primary_key=True),
    Column("scope", String, nullable=False),
    Column("rank", Integer, nullable=False),  # 0 urgent, 1 background
    Column("next_at", Moment, nullable=False),  # claimable from then on; while it is held, the lease's end
    Column("wake_at", Moment),  # the earliest future due time that no run has taken yet
    Column("first_marked_at", Moment),  # the oldest mark that no run has finished
    Column("remarked_at", Moment),  # the first mark since it was claimed
    Column("attempts", Integer, nullable=False),  # claims since it was last finished
    Column("owner", String, index=True),
    Column("token", String),
    Column("parked_at", Moment),
    Column("error", FreeText),
    Index(
        "ix_due_claimable",
        "rank",
        "next_at",
        sqlite_where=text("parked_at IS NULL"),
        postgresql_where=text("parked_at IS NULL"),
    ),
    Index("ix_due_scope", "scope", "next_at"),
)

pauses = Table("pauses", metadata, Column("scope", String, primary_key=True), Column("until", Moment, nullable=False))

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)

repositories = Table(
    "repositories",
    metadata,
    Column("forge", String, primary_key=True),
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("name", FreeText, nullable=False),
    Column("default_branch", FreeText, nullable=False),
    Column("installation", BigId, nullable=False),
    Column("active", Boolean, nullable=False),
)

# --- sightings: what can never be asked for again

reviews_seen = Table(
    "reviews_seen",
    metadata,
    *_change(),
    Column("review", BigId, primary_key=True, autoincrement=False),
    Column("state", String, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("reviewer", BigId, nullable=False),
    Column("sha", String, nullable=False),
    Column("patch", String),
)

pushes_seen = Table(
    "pushes_seen",
    metadata,
    *_repository(),
    Column("branch", FreeText, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("before", String, primary_key=True),  # empty: the branch was new
    Column("after", String, primary_key=True),  # empty: it was deleted
    Column("forced", Boolean, nullable=False),
    Column("pusher", BigId),
    Column("pusher_kind", String, nullable=False),
    Index(None, "forge", "repository", "after"),
)

heads_seen = Table(
    "heads_seen",
    metadata,
    Column("id", BigId, primary_key=True),
    *_change(key=False),
    Column("at", Moment, nullable=False),
    Column("sha", String, nullable=False),
    Index(None, "forge", "repository", "number", "at"),
)

moves_seen = Table(
    "moves_seen",
    metadata,
    *_change(),
    Column("before", String, primary_key=True),  # empty: not told
    Column("after", String, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("pusher", BigId),
    Column("pusher_kind", String),  # null: the event was no push
)

heads_read = Table("heads_read", metadata, *_change(), Column("sha", String, primary_key=True))

heads = Table(
    "heads",
    metadata,
    *_change(),
    Column("sha", String, primary_key=True),
    Column("base", FreeText),
    Column("merge_base", String),
    Column("paths", Text, nullable=False),
    Column("since", Moment),
    Column("patch", String),
    Index(None, "sha"),
)

# --- memory: what is not forgotten when somebody takes it away

evidence = Table(
    "evidence",
    metadata,
    Column("id", BigId, primary_key=True),
    *_change(key=False),
    Column("fingerprint", String, nullable=False),
    Column("branch", FreeText, nullable=False),
    Column("author", BigId),
    Column("sha", String),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("forge", "repository", "number", "fingerprint"),
    Index(None, "forge", "repository", "sha"),
    Index(None, "forge", "repository", "branch", "author"),
)

blobs = Table(
    "blobs",
    metadata,
    *_change(),
    Column("blob", String, primary_key=True),
    Column("path", FreeText, primary_key=True),
    Column("additions", Integer, nullable=False),
    Index(None, "forge", "repository", "blob"),
    Index(None, "forge", "repository", "path"),
    Index(None, "forge", "repository", "additions"),
)

said = Table(
    "said",
    metadata,
    Column("id", BigId, primary_key=True),
    *_change(key=False),
    Column("kind", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("forge", "repository", "number", "kind", "fingerprint"),
)

answers = Table(
    "answers",
    metadata,
    *_change(),
    Column("comment", BigId, primary_key=True, autoincrement=False),
    Column("digest", String, primary_key=True),
)

landed = Table(
    "landed",
    metadata,
    *_repository(),
    Column("sha", String, primary_key=True),
    Column("tip", String, primary_key=True),  # the allowed head, or the merge, with which the commit landed
)

teams = Table(
    "teams",
    metadata,
    Column("forge", String, primary_key=True),
    Column("team", FreeText, primary_key=True),
    Column("members", Text, nullable=False),
    Column("read_at", Moment, nullable=False),
)

# --- the record: what was decided, published and done

changes = Table(
    "changes",
    metadata,
    *_change(),
    Column("name", FreeText, nullable=False),
    Column("title", FreeText, nullable=False),
    Column("url", FreeText, nullable=False),
    Column("author", BigId),
    Column("author_kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("head", String, nullable=False),
    Column("base", FreeText, nullable=False),
    Column("updated_at", Moment),
    Column("verdict", String),
    Column("ai_class", String),
    Column("check_title", FreeText, nullable=False),
    Column("decided_at", Moment),
    Column("waiting_since", Moment),
    Column("closed_at", Moment),
    Column("listed_at", Moment, nullable=False),  # waiting_since, or the end of time: what lists are ordered by
    Column("decision_digest", String, nullable=False),
    Column("published_state", String),
    Column("published_digest", String),
    Column("published_id", BigId),
    Column("published_sha", String),
    Column("publish_error", FreeText),
    Column("decision", Text),
    Column("urgency", Integer, nullable=False, server_default="0"),  # what the queue is ordered by: the lowest first
    Column("files", Integer),
    Column("additions", Integer),
    Column("deletions", Integer),
    Column("tools", FreeText, nullable=False, server_default=""),
    Column("zones", FreeText, nullable=False, server_default=""),
    Column("first_at", Moment),  # first decided
    Column("held_at", Moment),  # first held
    Column("held_head", String),  # on which head that was
    Column("signed_at", Moment),  # last came from waiting to signed by people
    Column("signed_seconds", Integer),  # for how long it had waited then
    Index(None, "forge", "repository", "head"),
    Index(None, "state", "listed_at", "forge", "repository", "number"),
    Index(None, "state", "urgency", "listed_at", "forge", "repository", "number"),
    Index(None, "forge", "repository", "state", "urgency", "listed_at"),
    Index(None, "first_at", "ai_class", "forge", "repository"),
    Index(None, "signed_at", "signed_seconds", "forge", "repository"),
    Index(None, "state", "closed_at", "held_head", "head", "forge", "repository"),
)

asked = Table(
    "asked",
    metadata,
    *_change(),
    Column("who", FreeText, primary_key=True),  # an account's number, or a team's full name
    Index(None, "forge", "who", "repository"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigId, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("subject", FreeText),
    Column("body", Text, nullable=False),
    Column("hash", String, nullable=False, index=True),
    Column("scope", String),  # the subject's forge and repository, github/1, to be searched by
    Index(None, "subject", "seq"),
    Index(None, "kind", "seq"),
    Index(None, "scope", "seq"),
    Index(None, "scope", "kind", "seq"),
    Index(None, "kind", "at", "scope"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigId, nullable=False),
    Column("hash", String, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("forge", String, primary_key=True),
    Column("account", BigId, primary_key=True, autoincrement=False),
    Column("login", FreeText, nullable=False),
    Column("seen_at", Moment, nullable=False, index=True),
)

records = Table(
    "records",
    metadata,
    Column("name", FreeText, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Moment, index=True),  # when it was written; null: it is not for the moment only, and stays
)

findings = Table(
    "findings",
    metadata,
    Column("id", BigId, primary_key=True),
    *_repository(key=False),
    Column("number", BigId),  # the change, where it is about one
    Column("kind", String, nullable=False),
    Column("key", FreeText, nullable=False),  # tells it from every other of its kind in the repository
    Column("sha", String),
    Column("body", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("announced_at", Moment),
    Column("closed_at", Moment),
    Column("closed_by", BigId),
    Column("reason", FreeText),
    UniqueConstraint("forge", "repository", "kind", "key"),
    Index(None, "closed_at", "found_at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),  # of the secret in the browser's cookie
    Column("forge", String, nullable=False),
    Column("account", BigId, nullable=False),
    Column("login", FreeText, nullable=False),
    Column("sealed", Text, nullable=False),  # the forge's token, encrypted
    Column("ends_at", Moment, nullable=False, index=True),
)
