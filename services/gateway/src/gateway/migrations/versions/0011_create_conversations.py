"""Create conversations and what is said in them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from flowloom_servicekit.tenancy import policies

revision = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Uuid(as_uuid=False), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"gateway.{other}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "conversations",
        *(_id(name) for name in ("id", "workspace_id", "user_id")),
        _text("title"),
        _json("target"),
        _json("memory"),
        _text("while_running"),
        _time("created_at"),
        _time("updated_at"),
        _to("conversations", "workspace_id", "workspaces"),
        _to("conversations", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        schema="gateway",
    )
    op.create_table(
        "messages",
        *(_id(name) for name in ("id", "workspace_id", "conversation_id")),
        _id("parent_id", nullable=True),
        *(_text(name) for name in ("role", "text", "status")),
        *(_json(name) for name in ("attachments", "citations")),
        _json("error", nullable=True),
        _text("model", nullable=True),
        _id("run_id", nullable=True),
        *(_json(name, nullable=True) for name in ("actor", "target")),
        _text("key", nullable=True),
        *(_time(name) for name in ("created_at", "touched_at")),
        _time("ended_at", nullable=True),
        _to("messages", "workspace_id", "workspaces"),
        _to("messages", "conversation_id", "conversations", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("conversation_id", "key", name=op.f("uq_messages_conversation_id_key")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'stopped')",
            name=op.f("ck_messages_messages_status"),
        ),
        schema="gateway",
    )
    _indexes()
    for table in ("conversations", "messages"):
        for statement in policies("gateway", table):
            op.execute(statement)


def _indexes() -> None:
    person = ["workspace_id", "user_id", "id"]
    op.create_index("ix_conversations_of_person", "conversations", person, schema="gateway")
    talk = ["conversation_id", "id"]
    op.create_index("ix_messages_of_conversation", "messages", talk, schema="gateway")
    known = sa.text("run_id IS NOT NULL")
    op.create_index("ix_messages_of_run", "messages", ["run_id"], schema="gateway", postgresql_where=known)
    open_ = sa.text("status IN ('queued', 'running')")
    op.create_index(
        "ix_messages_in_flight", "messages", ["touched_at"], schema="gateway", postgresql_where=open_
    )


def downgrade() -> None:
    """Drop the tables with all that was said."""
    op.drop_table("messages", schema="gateway")
    op.drop_table("conversations", schema="gateway")
