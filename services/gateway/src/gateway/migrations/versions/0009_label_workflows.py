"""Keep the labels of workflows beside their texts, where lists find them."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from flowloom_language.document import validate_document
from gateway.usecases.workflows import labels_of

revision = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column, and read the labels out of the documents that are there."""
    op.add_column(
        "workflows",
        sa.Column("labels", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
        schema="gateway",
    )
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, source FROM gateway.workflows")).all():
        workflow = validate_document(row.source.decode()).workflow
        if workflow is not None and workflow.metadata.labels:
            found = {"id": row.id, "labels": json.dumps(labels_of(workflow))}
            change = "UPDATE gateway.workflows SET labels = cast(:labels AS jsonb) WHERE id = :id"
            connection.execute(sa.text(change), found)
    op.alter_column("workflows", "labels", server_default=None, schema="gateway")


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("workflows", "labels", schema="gateway")
