"""Row-level security: whoever acts for a workspace reads no row of another."""

from typing import Final

from alembic import op

from flowloom_servicekit.tenancy import SETTING, locked, policies

revision = "0003"
down_revision = "0002"

TABLES: Final = ("collections", "documents", "passages")
OF_A_DOCUMENT: Final = "EXISTS (SELECT FROM memory.documents AS d WHERE d.id = document_id)"

# The service signs in as a role that owns nothing, but has to begin and end generations of vectors.
LOCK_VECTORS: Final = f"""
CREATE FUNCTION memory.lock_vectors(generation integer) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE condition text := 'workspace_id = current_setting(''{SETTING}'', true)';
BEGIN
    EXECUTE pg_catalog.format('ALTER TABLE memory.%I ENABLE ROW LEVEL SECURITY', 'vectors_' || generation);
    EXECUTE pg_catalog.format(
        'CREATE POLICY own_workspace ON memory.%I USING (%s) WITH CHECK (%s)',
        'vectors_' || generation, condition, condition
    );
    EXECUTE pg_catalog.format(
        'CREATE POLICY platform ON memory.%I TO flowloom_memory_platform USING (true) WITH CHECK (true)',
        'vectors_' || generation
    );
END $$
"""
CREATE_VECTORS: Final = """
CREATE FUNCTION memory.create_vectors(generation integer, dimensions integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    EXECUTE pg_catalog.format(
        'CREATE TABLE memory.%I (
            document_id uuid NOT NULL,
            position integer NOT NULL,
            workspace_id text NOT NULL,
            collection text NOT NULL,
            embedding public.vector(%s) NOT NULL,
            PRIMARY KEY (document_id, position),
            FOREIGN KEY (document_id, position) REFERENCES memory.passages (document_id, position)
                ON DELETE CASCADE
        )',
        'vectors_' || generation, dimensions
    );
    PERFORM memory.lock_vectors(generation);
END $$
"""
INDEX_VECTORS: Final = """
CREATE FUNCTION memory.index_vectors(generation integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE vectors text := 'vectors_' || generation;
BEGIN
    EXECUTE pg_catalog.format(
        'CREATE INDEX IF NOT EXISTS %I ON memory.%I (workspace_id, collection)',
        vectors || '_by_collection', vectors
    );
    EXECUTE pg_catalog.format(
        'CREATE INDEX IF NOT EXISTS %I ON memory.%I USING hnsw (embedding public.vector_cosine_ops)
         WITH (m = 16, ef_construction = 64)',
        vectors || '_by_embedding', vectors
    );
END $$
"""
DROP_VECTORS: Final = """
CREATE FUNCTION memory.drop_vectors(generation integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    EXECUTE pg_catalog.format('DROP TABLE memory.%I', 'vectors_' || generation);
END $$
"""
LOCK_KNOWN: Final = """
DO $$ DECLARE known integer; BEGIN
    FOR known IN SELECT id FROM memory.generations LOOP
        PERFORM memory.lock_vectors(known);
    END LOOP;
END $$
"""
FOR_THE_PLATFORM: Final = (
    "create_vectors(integer, integer)",
    "index_vectors(integer)",
    "drop_vectors(integer)",
)


def upgrade() -> None:
    """Switch the policies on."""
    for table in TABLES:
        for statement in policies("memory", table):
            op.execute(statement)
    for statement in locked("memory", "document_parts", OF_A_DOCUMENT):
        op.execute(statement)
    for statement in (LOCK_VECTORS, CREATE_VECTORS, INDEX_VECTORS, DROP_VECTORS, LOCK_KNOWN):
        op.execute(statement)
    op.execute("REVOKE EXECUTE ON FUNCTION memory.lock_vectors(integer) FROM PUBLIC")
    for function in FOR_THE_PLATFORM:
        op.execute(f"REVOKE EXECUTE ON FUNCTION memory.{function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION memory.{function} TO flowloom_memory_platform")


def downgrade() -> None:
    """Refuse: vectors are made by functions from here on."""
    raise NotImplementedError("restore a backup from before this migration instead")
