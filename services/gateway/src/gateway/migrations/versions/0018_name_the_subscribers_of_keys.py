"""Give addresses that only keys and clients have saved the person of the one that saved them last."""

from collections.abc import Sequence

from alembic import op

revision = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# What saving again with the same key or client would do. Where neither is known any more nobody is told more
# than what is everybody's, and the interface says so.
AS_WRITTEN_DOWN = """
UPDATE gateway.webhook_endpoints AS endpoint SET subscriber_id = (
    SELECT coalesce(key.user_id, client.user_id) FROM gateway.audit_entries AS entry
    LEFT JOIN gateway.api_keys AS key
        ON key.id::text = entry.actor_id AND key.workspace_id = entry.workspace_id
    LEFT JOIN gateway.api_clients AS client
        ON client.id::text = entry.actor_id AND client.workspace_id = entry.workspace_id
    WHERE entry.workspace_id = endpoint.workspace_id AND entry.action = 'endpoint.changed'
      AND entry.target_kind = 'endpoint' AND entry.target_id = endpoint.id::text
      AND entry.body::json -> 'details' ->> 'change' = 'saved'
      AND coalesce(key.user_id, client.user_id) IS NOT NULL
    ORDER BY entry.n DESC LIMIT 1
)
WHERE endpoint.subscriber_id IS NULL
"""


def upgrade() -> None:
    """Fill what is empty."""
    op.execute(AS_WRITTEN_DOWN)


def downgrade() -> None:
    """Leave what is filled: it is what saving the address again would have written."""
