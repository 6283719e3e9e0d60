"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table."""
    _work()
    _sightings()
    _memory()
    _record()


def _work() -> None:
    """What came in, what is to be done, who does it."""
    op.create_table(
        "deliveries",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("forge", "delivery", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
    op.create_table(
        "due",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("wake_at", MOMENT),
        sa.Column("first_marked_at", MOMENT),
        sa.Column("remarked_at", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String()),
        sa.Column("token", sa.String()),
        sa.Column("parked_at", MOMENT),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_due"),
    )
    op.create_index(
        "ix_due_claimable",
        "due",
        ["rank", "next_at"],
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    )
    op.create_index("ix_due_owner", "due", ["owner"])
    op.create_index("ix_due_scope", "due", ["scope", "next_at"])
    op.create_table(
        "pauses",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_pauses"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_index("ix_leases_until", "leases", ["until"])
    op.create_table(
        "repositories",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("default_branch", sa.Text(), nullable=False),
        sa.Column("installation", ID, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "id", name="pk_repositories"),
    )


def _sightings() -> None:
    """What can never be asked for again."""
    op.create_table(
        "reviews_seen",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("review", ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reviewer", ID, nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("patch", sa.String()),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "review", "state", "at", name="pk_reviews_seen"),
    )
    op.create_table(
        "pushes_seen",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("pusher", ID),
        sa.Column("pusher_kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repository", "branch", "at", "before", "after", name="pk_pushes_seen"),
    )
    op.create_index("ix_pushes_seen_forge_repository_after", "pushes_seen", ["forge", "repository", "after"])
    op.create_table(
        "heads_seen",
        sa.Column("id", ID, nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heads_seen"),
    )
    op.create_index("ix_heads_seen_forge_repository_number_at", "heads_seen", ["forge", "repository", "number", "at"])
    op.create_table(
        "moves_seen",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("pusher", ID),
        sa.Column("pusher_kind", sa.String()),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "before", "after", "at", name="pk_moves_seen"),
    )
    op.create_table(
        "heads_read",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "sha", name="pk_heads_read"),
    )
    op.create_table(
        "heads",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("base", sa.Text()),
        sa.Column("merge_base", sa.String()),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("since", MOMENT),
        sa.Column("patch", sa.String()),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "sha", name="pk_heads"),
    )


def _memory() -> None:
    """What is not forgotten."""
    op.create_table(
        "evidence",
        sa.Column("id", ID, nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("author", ID),
        sa.Column("sha", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("forge", "repository", "number", "fingerprint", name="uq_evidence"),
    )
    op.create_index(
        "ix_evidence_forge_repository_branch_author", "evidence", ["forge", "repository", "branch", "author"]
    )
    op.create_index("ix_evidence_forge_repository_sha", "evidence", ["forge", "repository", "sha"])
    op.create_table(
        "blobs",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("blob", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("additions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "blob", "path", name="pk_blobs"),
    )
    op.create_index("ix_blobs_forge_repository_additions", "blobs", ["forge", "repository", "additions"])
    op.create_index("ix_blobs_forge_repository_blob", "blobs", ["forge", "repository", "blob"])
    op.create_index("ix_blobs_forge_repository_path", "blobs", ["forge", "repository", "path"])
    op.create_table(
        "said",
        sa.Column("id", ID, nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_said"),
        sa.UniqueConstraint("forge", "repository", "number", "kind", "fingerprint", name="uq_said"),
    )
    op.create_table(
        "answers",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("comment", ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "comment", "digest", name="pk_answers"),
    )
    op.create_table(
        "landed",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("tip", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repository", "sha", "tip", name="pk_landed"),
    )
    op.create_table(
        "teams",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("forge", "team", name="pk_teams"),
    )


def _record() -> None:
    """What was decided, published and done."""
    op.create_table(
        "changes",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("author", ID),
        sa.Column("author_kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT),
        sa.Column("verdict", sa.String()),
        sa.Column("ai_class", sa.String()),
        sa.Column("check_title", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("waiting_since", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("listed_at", MOMENT, nullable=False),
        sa.Column("decision_digest", sa.String(), nullable=False),
        sa.Column("published_state", sa.String()),
        sa.Column("published_digest", sa.String()),
        sa.Column("published_id", ID),
        sa.Column("published_sha", sa.String()),
        sa.Column("publish_error", sa.Text()),
        sa.Column("decision", sa.Text()),
        sa.PrimaryKeyConstraint("forge", "repository", "number", name="pk_changes"),
    )
    op.create_index("ix_changes_forge_repository_head", "changes", ["forge", "repository", "head"])
    op.create_index(
        "ix_changes_state_listed_at_forge_repository_number",
        "changes",
        ["state", "listed_at", "forge", "repository", "number"],
    )
    op.create_table(
        "ledger",
        sa.Column("seq", ID, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger"),
    )
    op.create_index("ix_ledger_at", "ledger", ["at"])
    op.create_index("ix_ledger_kind_seq", "ledger", ["kind", "seq"])
    op.create_index("ix_ledger_subject_seq", "ledger", ["subject", "seq"])
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", ID, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_head"),
    )
    op.create_table(
        "people",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("forge", "account", name="pk_people"),
    )
    op.create_index("ix_people_seen_at", "people", ["seen_at"])
    op.create_table(
        "records",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_records"),
    )
