"""The SQL of the memory store; the tenant filter of every search is the one in `_OWN`."""

from typing import Final

from sqlalchemy import TextClause, text

EXTENSION_VERSION: Final = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")

FIND_TEXT: Final = text(
    """
    SELECT id::text AS id, passage_count FROM memory.texts
    WHERE workspace_id = :workspace_id AND effect_key = :effect_key
    """
)

ADD_COLLECTION: Final = text(
    """
    INSERT INTO memory.collections (workspace_id, name, created_at)
    VALUES (:workspace_id, :collection, :created_at)
    ON CONFLICT DO NOTHING
    """
)

ADD_TEXT: Final = text(
    """
    INSERT INTO memory.texts
        (id, workspace_id, collection, body, metadata, effect_key, passage_count, created_at)
    VALUES
        (CAST(:id AS uuid), :workspace_id, :collection, :body, CAST(:metadata AS jsonb), :effect_key,
         :passage_count, :created_at)
    ON CONFLICT (workspace_id, effect_key) DO NOTHING
    RETURNING id
    """
)

ADD_PASSAGES: Final = text(
    """
    INSERT INTO memory.passages (text_id, position, workspace_id, collection, start_at, end_at, embedding)
    SELECT CAST(:id AS uuid), position, :workspace_id, :collection, start_at, end_at,
           CAST(embedding AS public.vector)
    FROM unnest(CAST(:starts AS int[]), CAST(:ends AS int[]), CAST(:embeddings AS text[]))
         WITH ORDINALITY AS given (start_at, end_at, embedding, position)
    """
)

# Relaxed order because the outer query sorts again; iterative because a filter can hide the first candidates.
SEARCH_SETTINGS: Final = text(
    """
    SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
           set_config('hnsw.ef_search', CAST(:candidates AS text), true)
    """
)

_OWN: Final = "workspace_id = :workspace_id AND collection = ANY(CAST(:collections AS text[]))"

# The inner limit bounds the work: nobody needs to know how many more there are.
_COUNT: Final = """
    SELECT count(*) FROM (SELECT 1 FROM memory.passages WHERE {own} LIMIT :enough) AS own
"""

# MATERIALIZED keeps the planner from moving the outer sort and limit into the candidates.
_NEAREST: Final = """
    WITH candidates AS MATERIALIZED (
        SELECT text_id, start_at, end_at,
               embedding OPERATOR(public.<=>) CAST(CAST(:embedding AS text) AS public.vector) AS distance
        FROM memory.passages WHERE {own} {first}
    ), best AS (
        SELECT DISTINCT ON (text_id) text_id, start_at, end_at, distance
        FROM candidates ORDER BY text_id, distance
    )
    SELECT t.id::text AS id, t.workspace_id, t.collection, t.metadata::text AS metadata, t.created_at,
           substr(t.body, best.start_at + 1, best.end_at - best.start_at) AS passage,
           1 - best.distance AS score
    FROM best JOIN memory.texts AS t ON t.id = best.text_id
    ORDER BY best.distance, t.id LIMIT :top
"""


def _filled(statement: str, *, first: str = "") -> TextClause:
    """Put in the tenant filter and, for the index, the order and limit that make Postgres use it."""
    return text(statement.replace("{own}", _OWN).replace("{first}", first))


COUNT_PASSAGES: Final = _filled(_COUNT)
NEAREST_EXACT: Final = _filled(_NEAREST)
NEAREST_BY_INDEX: Final = _filled(_NEAREST, first="ORDER BY distance LIMIT :candidates")
