"""What waits for people, and what budgets have used."""

from collections.abc import Sequence

from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# `asked` is what `to` says, in lower case and with everybody written out: what the inbox is searched by.
APPROVALS = """
create table orchestrator.approvals (
    id uuid primary key,
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    workspace_id text not null,
    step text not null,
    status text not null,
    asked text[] not null,
    item jsonb not null
)
"""

# `owner` names the run, the step, the rule or the workspace's day; `written` is the limit as the document
# or the workspace says it, `limit` what people have made of it.
BUDGETS = """
create table orchestrator.budgets (
    owner text primary key,
    run_id uuid references orchestrator.runs (id) on delete cascade,
    workspace_id text not null,
    scope text not null,
    rule text,
    action text not null,
    tokens bigint not null default 0,
    usd_micro bigint not null default 0,
    tokens_written bigint,
    usd_written bigint,
    tokens_limit bigint,
    usd_limit bigint,
    model text,
    worked_ms bigint not null default 0,
    is_warned boolean not null default false,
    is_reached boolean not null default false,
    opened_at timestamptz not null default now()
)
"""

# A hold counts as long as its execution is the one that runs the step: nobody has to release it.
HOLDS = """
create table orchestrator.budget_holds (
    run_id uuid not null references orchestrator.runs (id) on delete cascade,
    step text not null,
    owner text not null references orchestrator.budgets (owner) on delete cascade,
    exec integer not null,
    call integer not null,
    tokens bigint not null,
    usd_micro bigint not null,
    primary key (run_id, step, owner)
)
"""

INDEXES = (
    "create index approvals_of_workspace on orchestrator.approvals (workspace_id, id desc)",
    "create index approvals_open on orchestrator.approvals (workspace_id, id desc) where status = 'open'",
    "create index approvals_of_run on orchestrator.approvals (run_id)",
    "create index budgets_of_run on orchestrator.budgets (run_id) where run_id is not null",
    "create index holds_of_budget on orchestrator.budget_holds (owner)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (APPROVALS, BUDGETS, HOLDS, *INDEXES):
        op.execute(statement)
    op.execute("alter table orchestrator.budgets set (fillfactor = 70)")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("budget_holds", "budgets", "approvals"):
        op.execute(f"drop table orchestrator.{table}")
