"""Keep the secret before the present one of an API client, for as long as both work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("api_clients", sa.Column("old_digest", sa.LargeBinary()), schema="gateway")
    op.add_column("api_clients", sa.Column("old_digest_until", sa.DateTime(timezone=True)), schema="gateway")


def downgrade() -> None:
    """Drop the columns; old secrets end at once."""
    op.drop_column("api_clients", "old_digest_until", schema="gateway")
    op.drop_column("api_clients", "old_digest", schema="gateway")
