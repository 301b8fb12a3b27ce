"""Runs that answered in conversations become private to who asked, and lose the words in their names."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What the gateway writes for a conversation with an agent; one with a workflow is known by its key for a day.
BEGINNING = r"apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: chat, labels: {origin: chat}}\n"

UPDATE = f"""
update orchestrator.runs r set
    origin = r.origin || jsonb '{{"is_private": true}}',
    workflow_name = case when r.version is null and starts_with(r.source, e'{BEGINNING}') then 'chat'
        else r.workflow_name end
where r.origin -> 'actor' ->> 'user_id' is not null and (
    (r.version is null and starts_with(r.source, e'{BEGINNING}'))
    or exists (
        select 1 from orchestrator.idempotency_keys k
        where k.workspace_id = r.workspace_id and k.run_id = r.id and starts_with(k.key, 'chat:')
    )
)
"""  # noqa: S608 - our own text

SUMS = """
update orchestrator.{table} s set workflow_name = 'chat'
where exists (
    select 1 from orchestrator.runs r
    where r.workspace_id = s.workspace_id and r.workflow_id = s.workflow_id and r.workflow_name = 'chat'
        and r.origin ->> 'is_private' = 'true'
)
"""


def upgrade() -> None:
    """Mark them."""
    op.execute(UPDATE)
    for table in ("run_hours", "call_days"):
        op.execute(SUMS.format(table=table))


def downgrade() -> None:
    """Let the workspace see them again."""
    op.execute("update orchestrator.runs set origin = origin - 'is_private' where origin ? 'is_private'")
