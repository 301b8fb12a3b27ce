"""The SQL of searches and texts; the tenant filter of every search by meaning is the one in `_OWN`."""

from functools import cache
from typing import Final

from sqlalchemy import TextClause, text

from flowloom_servicekit.database import Statement
from flowloom_servicekit.tenancy import Settings

EXTENSION_VERSION: Final = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")

FIND_TEXT: Final = Statement(
    """
    SELECT id::text AS id, passage_count FROM memory.documents
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

WRITERS: Final = text(
    "SELECT writers FROM memory.collections WHERE workspace_id = :workspace_id AND name = :collection"
)

ADD_TEXT: Final = text(
    """
    INSERT INTO memory.documents
        (id, workspace_id, collection, name, body, size_bytes, metadata, effect_key, passage_count,
         embedded_count, created_at, updated_at)
    VALUES
        (CAST(:id AS uuid), :workspace_id, :collection, :name, :body, :size_bytes,
         CAST(:metadata AS jsonb), :effect_key, :passage_count, :passage_count, :created_at, :created_at)
    ON CONFLICT (workspace_id, effect_key) DO NOTHING
    RETURNING id
    """
)

ADD_PASSAGES: Final = text(
    """
    INSERT INTO memory.passages
        (document_id, position, workspace_id, collection, start_at, end_at, content, context, kind, headings,
         page_from, page_to, words)
    SELECT CAST(:id AS uuid), position, :workspace_id, :collection, start_at, end_at, content, context, kind,
           ARRAY(SELECT jsonb_array_elements_text(CAST(headings AS jsonb))), page_from, page_to,
           to_tsvector('english', context || ' ' || content)
           || array_to_tsvector(ARRAY['~' || :workspace_id || '/' || :collection])
    FROM unnest(CAST(:starts AS int[]), CAST(:ends AS int[]), CAST(:contents AS text[]),
                CAST(:contexts AS text[]), CAST(:kinds AS text[]), CAST(:headings AS text[]),
                CAST(:pages_from AS int[]), CAST(:pages_to AS int[]))
         WITH ORDINALITY
         AS given (start_at, end_at, content, context, kind, headings, page_from, page_to, position)
    """
)

# Shared with other writers; who switches generations waits for them and they for it.
ACTIVE_GENERATION: Final = text("SELECT id, model FROM memory.generations WHERE status = 'active' FOR SHARE")

SCOPE: Final = Statement(
    """
    SELECT g.id, g.model,
           coalesce(c.names, '{}') AS names, coalesce(c.reranked, '{}') AS reranked
    FROM memory.generations AS g LEFT JOIN LATERAL (
        SELECT array_agg(name) AS names, array_agg(name) FILTER (WHERE rerank) AS reranked
        FROM memory.collections
        WHERE workspace_id = :workspace_id AND name = ANY(:collections::text[])
          AND (readers = '{}' OR :always::boolean OR :role = ANY(readers))
    ) AS c ON true
    WHERE g.status = 'active'
    """
)

# From the sixth time on Postgres may take a plan that knows no parameters. For a small tenant beside a large
# one it takes a hundred times as long: it has no idea how few passages there are.
PLANNED_ANEW: Final[Settings] = (("plan_cache_mode", "force_custom_plan"),)

# Relaxed order because the outer query sorts again; iterative because a filter can hide the first candidates.
# The rest keeps the planner on the index: any other way would read and sort everything.
_BY_INDEX: Final[Settings] = (
    *PLANNED_ANEW,
    ("hnsw.iterative_scan", "relaxed_order"),
    ("enable_sort", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
)

_OWN: Final = "v.workspace_id = :workspace_id AND v.collection = ANY(CAST(:collections AS text[]))"

# What runs have left is found only by those who may see their workflow.
_DOCUMENT: Final = """
    d.searchable
    AND (d.workflow_id IS NULL OR d.workflow_id = ANY(CAST(:open AS text[]))
         OR (CAST(:closed AS text[]) IS NOT NULL AND NOT d.workflow_id = ANY(CAST(:closed AS text[]))))
    AND (CAST(:metadata AS jsonb) IS NULL OR d.metadata @> CAST(:metadata AS jsonb))
    AND (CAST(:document_ids AS text[]) IS NULL OR d.id = ANY(CAST(CAST(:document_ids AS text[]) AS uuid[])))
    AND (CAST(:media_types AS text[]) IS NULL OR d.media_type = ANY(CAST(:media_types AS text[])))
    AND (CAST(:after AS timestamptz) IS NULL OR d.created_at > CAST(:after AS timestamptz))
    AND (CAST(:before AS timestamptz) IS NULL OR d.created_at < CAST(:before AS timestamptz))
"""

# A query of its own, so that the text is read once and not again for every row.
_ASKED: Final = "(SELECT CAST(CAST(:embedding AS text) AS public.vector))"

# The inner limit bounds the work: nobody needs to know how many more there are.
_COUNT: Final = """
    SELECT count(*) AS count FROM (
        SELECT 1 FROM memory.passages AS v JOIN memory.documents AS d ON d.id = v.document_id
        WHERE {own} AND {document} LIMIT :enough
    ) AS own
"""

# MATERIALIZED keeps the planner from moving the outer sort and limit into the candidates.
_NEAREST: Final = """
    WITH candidates AS MATERIALIZED (
        SELECT v.document_id, v.position,
               v.embedding OPERATOR(public.<=>) {asked} AS distance
        FROM memory.vectors_{generation} AS v JOIN memory.documents AS d ON d.id = v.document_id
        WHERE {own} AND {document} {first}
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY document_id ORDER BY distance, position) AS place
        FROM candidates
    )
    SELECT document_id::text AS document_id, position FROM ranked WHERE place <= :per_document
    ORDER BY distance, document_id, position LIMIT :depth
"""

LEXEMES: Final = Statement("SELECT unnest(tsvector_to_array(to_tsvector('english', :query))) AS word")

COUNT_WORDS: Final = Statement(
    """
    SELECT w.word, m.count FROM unnest(:words::text[], :queries::text[]) AS w (word, query)
    CROSS JOIN LATERAL (
        SELECT count(*) AS count FROM (
            SELECT 1 FROM memory.passages AS p WHERE p.words @@ w.query::tsquery LIMIT :enough
        ) AS matching
    ) AS m
    """
)

# A rare word counts more; within a passage, repetitions and brevity count a little.
_BY_WORDS: Final = """
    WITH matching AS MATERIALIZED (
        SELECT v.document_id, v.position,
               (SELECT sum(w.weight * ts_rank(v.words, w.query::tsquery, 1))
                FROM unnest(CAST(:words AS text[]), CAST(:weights AS float8[])) AS w (query, weight)) AS score
        FROM memory.passages AS v JOIN memory.documents AS d ON d.id = v.document_id
        WHERE v.words @@ CAST(:any_of AS tsquery) AND {own} AND {document}
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY document_id ORDER BY score DESC, position) AS place
        FROM matching
    )
    SELECT document_id::text AS document_id, position FROM ranked WHERE place <= :per_document
    ORDER BY score DESC, document_id, position LIMIT :depth
"""

# Ids come as what they are: to make one of a text can fail, and under row-level security Postgres does
# nothing that can fail before the policy has judged the row, so that it would read every passage.
_DETAILS: Final = """
    SELECT p.document_id::text AS document_id, p.position, p.workspace_id, p.collection, d.name, p.content,
           p.kind, p.headings, p.page_from, p.page_to, p.start_at, p.end_at, d.metadata, d.created_at,
           1 - (v.embedding OPERATOR(public.<=>) {asked})
               AS similarity
    FROM unnest(CAST(:document_ids AS uuid[]), CAST(:positions AS int[])) AS k (document_id, position)
    JOIN memory.passages AS p ON p.document_id = k.document_id AND p.position = k.position
    JOIN memory.documents AS d ON d.id = p.document_id AND d.searchable
    LEFT JOIN memory.vectors_{generation} AS v ON v.document_id = p.document_id AND v.position = p.position
    WHERE p.workspace_id = :workspace_id AND p.collection = ANY(CAST(:collections AS text[]))
"""


def _filled(statement: str, **parts: str) -> str:
    for name, part in {"own": _OWN, "document": _DOCUMENT, "asked": _ASKED, **parts}.items():
        statement = statement.replace("{" + name + "}", part)
    return statement


COUNT_PASSAGES: Final = Statement(_filled(_COUNT))
BY_WORDS: Final = Statement(_filled(_BY_WORDS))


@cache
def nearest_exact(generation: int) -> Statement:
    """Return the search that compares with every passage."""
    return Statement(_filled(_NEAREST, first="", generation=str(int(generation))))


@cache
def nearest_by_index(generation: int) -> Statement:
    """Return the search by the HNSW index; the order and limit are what makes Postgres use it."""
    order = "ORDER BY distance LIMIT :candidates"
    return Statement(_filled(_NEAREST, first=order, generation=str(int(generation))))


@cache
def by_index(kept: int) -> Settings:
    """Return the settings of a search by the HNSW index that keeps so many candidates while it looks."""
    return (*_BY_INDEX, ("hnsw.ef_search", str(int(kept))))


@cache
def details(generation: int) -> Statement:
    """Return the query of all that an answer says of its passages."""
    return Statement(_filled(_DETAILS, generation=str(int(generation))))


@cache
def add_vectors(generation: int) -> TextClause:
    """Return the insert of vectors for passages that are there."""
    return text(
        f"""
        INSERT INTO memory.vectors_{int(generation)}
            (document_id, position, workspace_id, collection, embedding)
        SELECT p.document_id, p.position, p.workspace_id, p.collection,
               CAST(given.embedding AS public.vector)
        FROM unnest(CAST(:document_ids AS text[]), CAST(:positions AS int[]), CAST(:embeddings AS text[]))
             AS given (document_id, position, embedding)
        JOIN memory.passages AS p
          ON p.document_id = given.document_id::uuid AND p.position = given.position
        ON CONFLICT DO NOTHING
        """  # noqa: S608 - the generation is a number of ours
    )
