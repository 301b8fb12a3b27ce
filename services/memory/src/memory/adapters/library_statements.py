"""The SQL of collections and documents; every statement names the workspace."""

from typing import Final

from flowloom_servicekit.database import Statement

_COLLECTION: Final = """
    SELECT c.name, c.description, c.readers, c.writers, c.rerank, c.created_at,
           (SELECT count(*) FROM memory.documents AS d
            WHERE d.workspace_id = c.workspace_id AND d.collection = c.name) AS documents,
           (SELECT coalesce(sum(d.passage_count), 0)::bigint FROM memory.documents AS d
            WHERE d.workspace_id = c.workspace_id AND d.collection = c.name) AS passages
    FROM memory.collections AS c WHERE c.workspace_id = :workspace_id
"""
COLLECTIONS: Final = Statement(f"{_COLLECTION} ORDER BY c.name")
COLLECTION: Final = Statement(f"{_COLLECTION} AND c.name = :name")

PUT_COLLECTION: Final = Statement(
    """
    INSERT INTO memory.collections AS c
        (workspace_id, name, description, readers, writers, rerank, created_at)
    VALUES (:workspace_id, :name, :description, :readers, :writers,
            coalesce(:rerank::boolean, false), :now)
    ON CONFLICT (workspace_id, name) DO UPDATE
    SET description = excluded.description, readers = excluded.readers, writers = excluded.writers,
        rerank = coalesce(:rerank::boolean, c.rerank)
    """
)

ADD_COLLECTION: Final = Statement(
    """
    INSERT INTO memory.collections (workspace_id, name, created_at) VALUES (:workspace_id, :name, :now)
    ON CONFLICT DO NOTHING
    """
)

DELETE_COLLECTION: Final = Statement(
    """
    WITH gone AS (
        DELETE FROM memory.documents WHERE workspace_id = :workspace_id AND collection = :name RETURNING 1
    )
    SELECT count(*) AS count FROM gone
    """
)
DELETE_EMPTY_COLLECTION: Final = Statement(
    "DELETE FROM memory.collections WHERE workspace_id = :workspace_id AND name = :name"
)

# What runs have left is no document of anybody's: searches find it, for those who may see its workflow.
_DOCUMENT: Final = """
    SELECT d.id::text AS id, d.collection, d.name, d.media_type, d.size_bytes, d.status, d.problem,
           d.passage_count AS passages, d.embedded_count AS embedded, d.attempts, d.pages, d.metadata,
           d.source, d.quarantined, d.created_at, d.updated_at, c.readers, c.writers
    FROM memory.documents AS d
    JOIN memory.collections AS c ON c.workspace_id = d.workspace_id AND c.name = d.collection
    WHERE d.workspace_id = :workspace_id AND d.workflow_id IS NULL
"""
DOCUMENT: Final = Statement(f"{_DOCUMENT} AND d.id = :document_id::text::uuid")
DOCUMENT_BY_KEY: Final = Statement(f"{_DOCUMENT} AND d.effect_key = :effect_key")
DOCUMENTS: Final = Statement(
    f"""{_DOCUMENT} AND d.collection = ANY(:collections::text[])
    AND (:status::text IS NULL OR d.status = :status::text)
    AND (:before::text IS NULL OR d.id < :before::text::uuid)
    ORDER BY d.id DESC LIMIT :limit"""
)

ADD_DOCUMENT: Final = Statement(
    """
    INSERT INTO memory.documents
        (id, workspace_id, collection, name, media_type, metadata, source, effect_key, quarantined,
         passage_count, status, created_at, updated_at)
    VALUES (:id::text::uuid, :workspace_id, :collection, :name, :media_type, :metadata::text::jsonb,
            :source::text::jsonb, :effect_key, :quarantined, 0, 'receiving', :now, :now)
    ON CONFLICT (workspace_id, effect_key) DO NOTHING
    """
)

# The size is judged with the row locked, so that parts sent side by side cannot pass it together.
PUT_PART: Final = Statement(
    """
    WITH d AS (
        SELECT id FROM memory.documents
        WHERE workspace_id = :workspace_id AND id = :document_id::text::uuid AND status = 'receiving'
        FOR UPDATE
    ), others AS (
        SELECT coalesce(sum(octet_length(content)), 0) AS size FROM memory.document_parts
        WHERE document_id = :document_id::text::uuid AND number <> :number
    ), kept AS (
        INSERT INTO memory.document_parts (document_id, number, content)
        SELECT d.id, :number, :content::bytea FROM d, others
        WHERE others.size + octet_length(:content::bytea) <= :most
        ON CONFLICT (document_id, number) DO UPDATE SET content = excluded.content
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM d) AS open, EXISTS (SELECT FROM kept) AS kept
    """
)

COMPLETE: Final = Statement(
    """
    UPDATE memory.documents AS d
    SET status = 'queued', due_at = :now, updated_at = :now, size_bytes = (
        SELECT coalesce(sum(octet_length(content)), 0) FROM memory.document_parts WHERE document_id = d.id
    )
    WHERE workspace_id = :workspace_id AND id = :document_id::text::uuid AND status = 'receiving'
    """
)

PARTS: Final = Statement(
    """
    SELECT p.content FROM memory.document_parts AS p JOIN memory.documents AS d ON d.id = p.document_id
    WHERE d.workspace_id = :workspace_id AND d.id = :document_id::text::uuid ORDER BY p.number
    """
)
# A text that came without parts is its own content.
PART: Final = Statement(
    """
    SELECT p.content FROM memory.document_parts AS p JOIN memory.documents AS d ON d.id = p.document_id
    WHERE d.workspace_id = :workspace_id AND d.id = :document_id::text::uuid AND p.number = :number
    UNION ALL
    SELECT convert_to(d.body, 'UTF8') FROM memory.documents AS d
    WHERE d.workspace_id = :workspace_id AND d.id = :document_id::text::uuid AND :number = 1
      AND NOT EXISTS (SELECT FROM memory.document_parts AS p WHERE p.document_id = d.id)
    """
)
BODY: Final = Statement(
    """
    SELECT substr(body, :offset + 1, :limit) AS body, length(body) AS size FROM memory.documents
    WHERE workspace_id = :workspace_id AND id = :document_id::text::uuid
    """
)
PASSAGES: Final = Statement(
    """
    SELECT position, kind, content AS text, headings, page_from, page_to, start_at AS start, end_at AS end
    FROM memory.passages
    WHERE workspace_id = :workspace_id AND document_id = :document_id::text::uuid AND position > :after
    ORDER BY position LIMIT :limit
    """
)
RETRY: Final = Statement(
    """
    UPDATE memory.documents
    SET status = 'queued', due_at = :now, attempts = 0, problem = NULL, lease = NULL, updated_at = :now
    WHERE workspace_id = :workspace_id AND id = :document_id::text::uuid AND status IN ('failed', 'dead')
    RETURNING 1
    """
)

QUARANTINE: Final = Statement(
    """
    UPDATE memory.documents SET quarantined = :on, updated_at = :now
    WHERE workspace_id = :workspace_id AND id = :document_id::text::uuid
    """
)

FORGET: Final = Statement(
    """
    WITH gone AS (
        DELETE FROM memory.documents
        WHERE workspace_id = :workspace_id AND collection = :collection AND workflow_id IS NULL
          AND (id = ANY(:document_ids::text[]::uuid[])
               OR (:metadata::text IS NOT NULL AND metadata @> :metadata::text::jsonb))
        RETURNING 1
    )
    SELECT count(*) AS count FROM gone
    """
)

# Ids follow time, so the oldest due come first and nobody waits behind newcomers.
CLAIM: Final = Statement(
    """
    UPDATE memory.documents
    SET status = CASE WHEN status = 'embedding' THEN status ELSE 'parsing' END,
        attempts = attempts + 1, lease = :lease::text::uuid, due_at = :until, updated_at = :now
    WHERE id = (
        SELECT id FROM memory.documents WHERE due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id::text AS id, workspace_id, collection, name, media_type, status, attempts,
              lease::text AS lease
    """
)

UNEMBEDDED: Final = """
    SELECT p.document_id::text AS document_id, p.position,
           CASE WHEN p.context = '' THEN p.content ELSE p.context || E'\\n' || p.content END AS text
    FROM memory.passages AS p
    LEFT JOIN memory.vectors_{generation} AS v ON v.document_id = p.document_id AND v.position = p.position
    WHERE v.document_id IS NULL AND {which}
    ORDER BY p.document_id, p.position LIMIT :limit
"""
