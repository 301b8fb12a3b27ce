"""Collections, texts and the embeddings of their passages."""

from alembic import op

revision = "0001"
down_revision = None

UP = (
    """
    CREATE TABLE memory.collections (
        workspace_id text NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (workspace_id, name)
    )
    """,
    """
    CREATE TABLE memory.texts (
        id uuid PRIMARY KEY,
        workspace_id text NOT NULL,
        collection text NOT NULL,
        body text NOT NULL,
        metadata jsonb NOT NULL,
        effect_key text NOT NULL,
        passage_count integer NOT NULL,
        created_at timestamptz NOT NULL,
        UNIQUE (workspace_id, effect_key),
        FOREIGN KEY (workspace_id, collection) REFERENCES memory.collections (workspace_id, name)
    )
    """,
    """
    CREATE TABLE memory.passages (
        text_id uuid NOT NULL REFERENCES memory.texts (id) ON DELETE CASCADE,
        position integer NOT NULL,
        workspace_id text NOT NULL,
        collection text NOT NULL,
        start_at integer NOT NULL,
        end_at integer NOT NULL,
        embedding public.vector(384) NOT NULL,
        PRIMARY KEY (text_id, position)
    )
    """,
    "CREATE INDEX texts_by_collection ON memory.texts (workspace_id, collection)",
    "CREATE INDEX passages_by_collection ON memory.passages (workspace_id, collection)",
    """
    CREATE INDEX passages_by_embedding ON memory.passages
    USING hnsw (embedding public.vector_cosine_ops) WITH (m = 16, ef_construction = 64)
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    op.execute("DROP TABLE memory.passages, memory.texts, memory.collections")
