"""Findings of the watch, and the age of small state, by which it is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table of findings; what small state there is counts as written now."""
    op.create_table(
        "findings",
        sa.Column("id", ID, nullable=False),
        sa.Column("forge", sa.String(), nullable=False),
        sa.Column("repository", ID, nullable=False),
        sa.Column("number", ID),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("announced_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", ID),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
        sa.UniqueConstraint("forge", "repository", "kind", "key", name="uq_findings"),
    )
    op.create_index("ix_findings_closed_at_found_at", "findings", ["closed_at", "found_at"])
    op.add_column("records", sa.Column("at", MOMENT))
    op.create_index("ix_records_at", "records", ["at"])
    op.execute("UPDATE records SET at = CURRENT_TIMESTAMP")


def downgrade() -> None:
    """Back to the version that knows neither: findings are lost here, their entries in the ledger stay."""
    op.drop_index("ix_records_at", "records")
    op.drop_column("records", "at")
    op.drop_index("ix_findings_closed_at_found_at", "findings")
    op.drop_table("findings")
