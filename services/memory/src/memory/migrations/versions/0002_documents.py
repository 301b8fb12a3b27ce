"""Documents with structure, access lists, words to search by, and vectors in generations."""

from alembic import op

revision = "0002"
down_revision = "0001"

UP = (
    """
    ALTER TABLE memory.collections
        ADD description text NOT NULL DEFAULT '',
        ADD readers text[] NOT NULL DEFAULT '{}',
        ADD writers text[] NOT NULL DEFAULT '{}'
    """,
    "ALTER TABLE memory.texts RENAME TO documents",
    """
    ALTER TABLE memory.documents
        ADD name text NOT NULL DEFAULT '',
        ADD media_type text NOT NULL DEFAULT 'text/plain',
        ADD size_bytes bigint NOT NULL DEFAULT 0,
        ADD source jsonb NOT NULL DEFAULT '{}',
        ADD quarantined boolean NOT NULL DEFAULT false,
        ADD status text NOT NULL DEFAULT 'ready'
            CHECK (status IN ('receiving', 'queued', 'parsing', 'embedding', 'ready', 'failed', 'dead')),
        ADD problem jsonb,
        ADD pages integer,
        ADD embedded_count integer NOT NULL DEFAULT 0,
        ADD attempts integer NOT NULL DEFAULT 0,
        ADD due_at timestamptz,
        ADD lease uuid,
        ADD updated_at timestamptz,
        ADD searchable boolean GENERATED ALWAYS AS (status = 'ready' AND NOT quarantined) STORED
    """,
    "UPDATE memory.documents SET updated_at = created_at, embedded_count = passage_count,"
    " size_bytes = octet_length(body)",
    "ALTER TABLE memory.documents ALTER updated_at SET NOT NULL",
    "ALTER TABLE memory.documents ALTER body SET DEFAULT ''",
    "ALTER INDEX memory.texts_by_collection RENAME TO documents_by_collection",
    "CREATE INDEX documents_by_due ON memory.documents (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX documents_by_metadata ON memory.documents USING gin (metadata jsonb_path_ops)",
    """
    CREATE TABLE memory.document_parts (
        document_id uuid NOT NULL REFERENCES memory.documents (id) ON DELETE CASCADE,
        number integer NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (document_id, number)
    )
    """,
    "ALTER TABLE memory.document_parts ALTER content SET STORAGE EXTERNAL",
    "ALTER TABLE memory.passages RENAME text_id TO document_id",
    """
    ALTER TABLE memory.passages
        ADD kind text NOT NULL DEFAULT 'text',
        ADD headings text[] NOT NULL DEFAULT '{}',
        ADD page_from integer,
        ADD page_to integer,
        ADD context text NOT NULL DEFAULT '',
        ADD content text NOT NULL DEFAULT '',
        ADD words tsvector NOT NULL DEFAULT ''
    """,
    """
    CREATE TABLE memory.generations (
        id integer PRIMARY KEY,
        model text NOT NULL,
        dimensions integer NOT NULL,
        status text NOT NULL CHECK (status IN ('building', 'active')),
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX generations_by_status ON memory.generations (status)",
    """
    CREATE TABLE memory.vectors_1 (
        document_id uuid NOT NULL,
        position integer NOT NULL,
        workspace_id text NOT NULL,
        collection text NOT NULL,
        embedding public.vector(384) NOT NULL,
        PRIMARY KEY (document_id, position),
        FOREIGN KEY (document_id, position) REFERENCES memory.passages (document_id, position)
            ON DELETE CASCADE
    )
    """,
    "INSERT INTO memory.generations (id, model, dimensions, status)"
    " VALUES (1, 'all-MiniLM-L6-v2-int8', 384, 'active')",
    "INSERT INTO memory.vectors_1 SELECT document_id, position, workspace_id, collection, embedding"
    " FROM memory.passages",
    "ALTER TABLE memory.passages DROP COLUMN embedding",
    # The tenant is a word of its own, so that the index of words never leaves it.
    """
    UPDATE memory.passages AS p
    SET content = substr(d.body, p.start_at + 1, p.end_at - p.start_at),
        words = to_tsvector('english', substr(d.body, p.start_at + 1, p.end_at - p.start_at))
                || array_to_tsvector(ARRAY['~' || p.workspace_id || '/' || p.collection])
    FROM memory.documents AS d WHERE d.id = p.document_id
    """,
    "CREATE INDEX passages_by_words ON memory.passages USING gin (words)",
    "CREATE INDEX vectors_1_by_collection ON memory.vectors_1 (workspace_id, collection)",
    """
    CREATE INDEX vectors_1_by_embedding ON memory.vectors_1
    USING hnsw (embedding public.vector_cosine_ops) WITH (m = 16, ef_construction = 64)
    """,
)


def upgrade() -> None:
    """Add what documents need; texts that are there become documents of one part."""
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: documents have no place in the older tables."""
    raise NotImplementedError("restore a backup from before this migration instead")
