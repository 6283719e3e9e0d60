"""What pages list, search and count by: the queue's order, who is asked, sizes, times, the ledger's scope; sessions.

What was decided before has no size and no figures until it is decided again; the queue has it at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LISTED = (
    ["state", "urgency", "listed_at", "forge", "repository", "number"],
    ["forge", "repository", "state", "urgency", "listed_at"],
    ["first_at", "ai_class", "forge", "repository"],
    ["signed_at", "signed_seconds", "forge", "repository"],
    ["state", "closed_at", "held_head", "head", "forge", "repository"],
)


def upgrade() -> None:
    """Add the columns, the tables and the indexes."""
    _changes()
    _ledger()
    op.create_index("ix_heads_sha", "heads", ["sha"])
    op.create_table(
        "asked",
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repository", "number", "who", name="pk_asked"),
    )
    op.create_index("ix_asked_forge_who_repository", "asked", ["forge", "who", "repository"])
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])


def _changes() -> None:
    op.add_column("changes", sa.Column("urgency", sa.Integer(), nullable=False, server_default="0"))
    for name in ("files", "additions", "deletions"):
        op.add_column("changes", sa.Column(name, sa.Integer()))
    for name in ("tools", "zones"):
        op.add_column("changes", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("first_at", "held_at"):
        op.add_column("changes", sa.Column(name, MOMENT))
    op.add_column("changes", sa.Column("held_head", sa.String()))
    op.add_column("changes", sa.Column("signed_at", MOMENT))
    op.add_column("changes", sa.Column("signed_seconds", sa.Integer()))
    op.execute("UPDATE changes SET urgency = -1 WHERE waiting_since IS NOT NULL")
    for columns in LISTED:
        op.create_index("ix_changes_" + "_".join(columns), "changes", columns)


def _ledger() -> None:
    """The scope is the subject up to the slash after the repository's number."""
    op.add_column("ledger", sa.Column("scope", sa.String()))
    position = "instr" if op.get_bind().dialect.name == "sqlite" else "strpos"
    rest = f"substr(subject, {position}(subject, '/') + 1)"
    scope = f"substr(subject, 1, {position}(subject, '/') + {position}({rest}, '/') - 1)"
    op.execute(f"UPDATE ledger SET scope = {scope} WHERE subject LIKE '%/%/%'")  # noqa: S608  names, no values
    op.create_index("ix_ledger_hash", "ledger", ["hash"])
    op.create_index("ix_ledger_scope_seq", "ledger", ["scope", "seq"])
    op.create_index("ix_ledger_scope_kind_seq", "ledger", ["scope", "kind", "seq"])
    op.create_index("ix_ledger_kind_at_scope", "ledger", ["kind", "at", "scope"])


def downgrade() -> None:
    """Back to the version before: what is only listed by is found again when a change is decided; sessions end."""
    for name in ("hash", "scope_seq", "scope_kind_seq", "kind_at_scope"):
        op.drop_index(f"ix_ledger_{name}", "ledger")
    op.drop_column("ledger", "scope")
    for columns in LISTED:
        op.drop_index("ix_changes_" + "_".join(columns), "changes")
    for name in ("urgency", "files", "additions", "deletions", "tools", "zones", "first_at", "held_at", "held_head"):
        op.drop_column("changes", name)
    for name in ("signed_at", "signed_seconds"):
        op.drop_column("changes", name)
    op.drop_index("ix_heads_sha", "heads")
    op.drop_table("asked")
    op.drop_table("sessions")
