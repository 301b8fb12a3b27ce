"""Keep who saved an address last: it is told of what they may read."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The audit log knows it for addresses that were saved in person. All others are nobody's until they are saved
# again: they are told of what is everybody's.
_AS_WRITTEN_DOWN = """
UPDATE gateway.webhook_endpoints AS endpoint SET subscriber_id = (
    SELECT person.id FROM gateway.audit_entries AS entry
    JOIN gateway.users AS person ON person.id::text = entry.actor_id
    WHERE entry.workspace_id = endpoint.workspace_id AND entry.action = 'endpoint.changed'
      AND entry.target_kind = 'endpoint' AND entry.target_id = endpoint.id::text
      AND entry.body::json -> 'details' ->> 'change' = 'saved'
    ORDER BY entry.n DESC LIMIT 1
)
"""


def upgrade() -> None:
    """Add the column and fill it."""
    op.add_column("webhook_endpoints", sa.Column("subscriber_id", sa.Uuid(as_uuid=False)), schema="gateway")
    op.create_foreign_key(
        op.f("fk_webhook_endpoints_subscriber_id"),
        "webhook_endpoints",
        "users",
        ["subscriber_id"],
        ["id"],
        source_schema="gateway",
        referent_schema="gateway",
    )
    op.execute(_AS_WRITTEN_DOWN)


def downgrade() -> None:
    """Drop the column."""
    op.drop_constraint(
        op.f("fk_webhook_endpoints_subscriber_id"), "webhook_endpoints", schema="gateway", type_="foreignkey"
    )
    op.drop_column("webhook_endpoints", "subscriber_id", schema="gateway")
