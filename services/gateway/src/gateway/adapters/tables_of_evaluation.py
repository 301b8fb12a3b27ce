"""The tables of datasets and evaluations."""

from typing import Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from gateway.adapters.tables import metadata

_ID: Final = Uuid(as_uuid=False)
_TIME: Final = DateTime(timezone=True)
_STATUSES: Final = "status IN ('running', 'succeeded', 'failed', 'cancelled')"

datasets: Final = Table(
    "datasets",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("dataset", JSON, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    Column("updated_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    UniqueConstraint("workspace_id", "name"),
)

# Without foreign keys to dataset and workflow: what was found out outlives them.
evaluations: Final = Table(
    "evaluations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("workflow_id", _ID, nullable=False),
    Column("dataset_id", _ID, nullable=False),
    Column("dataset_name", Text, nullable=False),
    Column("status", Text, CheckConstraint(_STATUSES, name="evaluations_status"), nullable=False),
    Column("error", Text),
    Column("plan", JSON, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("key", Text),
    Column("created_by", _ID, ForeignKey("gateway.users.id"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("touched_at", _TIME, nullable=False),
    Column("finished_at", _TIME),
    UniqueConstraint("workspace_id", "key"),
)
Index(
    "ix_evaluations_running",
    evaluations.c.touched_at,
    postgresql_where=evaluations.c.status == "running",
)

evaluation_runs: Final = Table(
    "evaluation_runs",
    metadata,
    Column("evaluation_id", _ID, ForeignKey("gateway.evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("side", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("workspace_id", _ID, ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("run_id", _ID, nullable=False),
    Column("grading_run_id", _ID),
    Column("scored", JSON(none_as_null=True)),
)
Index("ix_evaluation_runs_workspace_id", evaluation_runs.c.workspace_id)
