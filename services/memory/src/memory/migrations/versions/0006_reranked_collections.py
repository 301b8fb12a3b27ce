"""Which collections are judged again by a re-ranking model."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the choice; what is there is not judged again, so nothing of it goes anywhere new."""
    op.execute("ALTER TABLE memory.collections ADD rerank boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Drop the choice."""
    op.execute("ALTER TABLE memory.collections DROP COLUMN rerank")
