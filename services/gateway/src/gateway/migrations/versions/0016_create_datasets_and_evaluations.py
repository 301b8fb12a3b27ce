"""Create the tables of datasets, evaluations and their runs."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_ID: Final = sa.Uuid(as_uuid=False)
_TIME: Final = sa.DateTime(timezone=True)


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_workspace_id")
    return sa.ForeignKeyConstraint(["workspace_id"], ["gateway.workspaces.id"], name=name)


def _by_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["gateway.users.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Create the tables."""
    _create_datasets()
    _create_evaluations()
    _create_runs()
    for table in ("datasets", "evaluations", "evaluation_runs"):
        for statement in policies("gateway", table):
            op.execute(statement)


def _create_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", _ID, nullable=False),
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dataset", sa.JSON(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("updated_by", _ID, nullable=False),
        _of_workspace("datasets"),
        _by_person("datasets", "updated_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_datasets_workspace_id_name")),
        schema="gateway",
    )


def _create_evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("workflow_id", _ID, nullable=False),
        sa.Column("dataset_id", _ID, nullable=False),
        sa.Column("dataset_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("created_by", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("touched_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        _of_workspace("evaluations"),
        _by_person("evaluations", "created_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_evaluations_workspace_id_key")),
        sa.CheckConstraint(
            "status IN ('running', 'succeeded', 'failed', 'cancelled')",
            name=op.f("ck_evaluations_evaluations_status"),
        ),
        schema="gateway",
    )
    op.create_index(
        "ix_evaluations_running",
        "evaluations",
        ["touched_at"],
        schema="gateway",
        postgresql_where=sa.text("status = 'running'"),
    )


def _create_runs() -> None:
    op.create_table(
        "evaluation_runs",
        sa.Column("evaluation_id", _ID, nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("grading_run_id", _ID),
        sa.Column("scored", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["gateway.evaluations.id"],
            ondelete="CASCADE",
            name=op.f("fk_evaluation_runs_evaluation_id"),
        ),
        _of_workspace("evaluation_runs"),
        sa.PrimaryKeyConstraint("evaluation_id", "side", "place", name=op.f("pk_evaluation_runs")),
        schema="gateway",
    )
    op.create_index("ix_evaluation_runs_workspace_id", "evaluation_runs", ["workspace_id"], schema="gateway")


def downgrade() -> None:
    """Drop the tables with all results."""
    for table in ("evaluation_runs", "evaluations", "datasets"):
        op.drop_table(table, schema="gateway")
