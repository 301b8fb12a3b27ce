"""The SQL of what runs have kept; every statement names the workspace and what the role may see."""

from typing import Final

from sqlalchemy import text

from flowloom_contracts.memories import MOST_USES, SHOWN_IN_LISTS
from flowloom_servicekit.database import Statement

ADD_MEMORY: Final = text(
    """
    INSERT INTO memory.memories (document_id, workspace_id, run_id, step, workflow_id, agent)
    VALUES (CAST(:document_id AS uuid), :workspace_id, :run_id, :step, :workflow_id, :agent)
    """
)

_OPEN: Final = """
    FROM memory.memories AS m
    JOIN memory.documents AS d ON d.id = m.document_id AND d.workspace_id = m.workspace_id
    JOIN memory.collections AS c ON c.workspace_id = d.workspace_id AND c.name = d.collection
    WHERE m.workspace_id = :workspace_id AND (c.readers = '{}' OR :always::boolean OR :role = ANY(c.readers))
"""
_SUCH: Final = """
    AND (:collection::text IS NULL OR d.collection = :collection::text)
    AND (:agent::text IS NULL OR m.agent = :agent::text)
    AND (:workflow_id::text IS NULL OR m.workflow_id = :workflow_id::text)
    AND (:run_id::text IS NULL OR m.run_id = :run_id::text)
"""
_SHOWN: Final = f"""
    SELECT d.id::text AS id, d.collection, {{body}} AS text, {{cut}} AS cut,
           jsonb_build_object('run_id', m.run_id, 'step', m.step, 'workflow_id', m.workflow_id,
                              'agent', m.agent) AS origin,
           m.used, m.uses, m.corrected_by, m.corrected_at, d.created_at, d.updated_at
    {_OPEN}
"""
_IN_LISTS: Final = _SHOWN.replace("{body}", f"left(d.body, {SHOWN_IN_LISTS})").replace(
    "{cut}", f"length(d.body) > {SHOWN_IN_LISTS}"
)
MEMORY: Final = Statement(
    _SHOWN.replace("{body}", "d.body").replace("{cut}", "false") + " AND d.id = :memory_id::text::uuid"
)
MEMORIES: Final = Statement(
    f"""{_IN_LISTS} {_SUCH} AND (:before::text IS NULL OR d.id < :before::text::uuid)
    ORDER BY m.document_id DESC LIMIT :limit"""
)
MEMORIES_BY_ID: Final = Statement(f"{_IN_LISTS} AND d.id = ANY(:ids::text[]::uuid[])")
CANDIDATES: Final = Statement(
    f"SELECT d.id::text AS id, d.collection {_OPEN} {_SUCH} ORDER BY m.document_id DESC LIMIT :limit"
)

# Only in the state that was read, if it is said which; two who correct at once cannot both be right.
REPLACE_TEXT: Final = text(
    """
    UPDATE memory.documents
    SET body = :body, name = :name, size_bytes = :size_bytes, passage_count = :passage_count,
        embedded_count = :passage_count, updated_at = :now
    WHERE workspace_id = :workspace_id AND id = CAST(:id AS uuid)
      AND (CAST(:known_at AS timestamptz) IS NULL OR updated_at = CAST(:known_at AS timestamptz))
    RETURNING 1
    """
)
# Vectors of every generation go with the passages.
DROP_PASSAGES: Final = text(
    "DELETE FROM memory.passages WHERE workspace_id = :workspace_id AND document_id = CAST(:id AS uuid)"
)
CORRECTED: Final = text(
    """
    UPDATE memory.memories SET corrected_by = :by, corrected_at = :now
    WHERE workspace_id = :workspace_id AND document_id = CAST(:id AS uuid)
    """
)

FORGET: Final = Statement(
    f"""
    WITH such AS (
        SELECT d.id {_OPEN} {_SUCH}
          AND (c.writers = '{{}}' OR :always::boolean OR :role = ANY(c.writers))
          AND (:ids::text[] IS NULL OR d.id = ANY(:ids::text[]::uuid[]))
    ), gone AS (
        DELETE FROM memory.documents AS d USING such
        WHERE d.workspace_id = :workspace_id AND d.id = such.id RETURNING 1
    )
    SELECT count(*) AS count FROM gone
    """  # noqa: S608 - its parts are texts of ours
)

# In one order, so that two searches that find the same do not wait for each other in a circle. A step that
# is carried out again has not found anything twice.
USED: Final = Statement(
    f"""
    WITH found AS (
        SELECT document_id FROM memory.memories
        WHERE workspace_id = :workspace_id AND document_id = ANY(:ids::text[]::uuid[])
          AND NOT uses @> :same::text::jsonb
        ORDER BY document_id FOR UPDATE
    )
    UPDATE memory.memories AS m
    SET used = m.used + 1,
        uses = jsonb_path_query_array(:use::text::jsonb || m.uses, '$[0 to {MOST_USES - 1}]')
    FROM found WHERE m.document_id = found.document_id
    """  # noqa: S608 - the number is ours
)
