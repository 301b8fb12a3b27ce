"""The SQL of run memory; every statement names the workspace but those that look for work."""

from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Statement

# Nobody but owners and admins writes into the collection by hand. Each end of a run costs one round trip.
_KEEP: Final = """
    WITH collected AS (
        INSERT INTO memory.collections (workspace_id, name, description, writers, created_at)
        VALUES (:workspace_id, :collection, :description, ARRAY['owner'], :now)
        ON CONFLICT DO NOTHING
    ), kept AS (
        INSERT INTO memory.run_outcomes
            (workspace_id, run_id, attempt, workflow_id, workflow_name, version, document, forked_from,
             status, signature, code, step, message, at, collection)
        VALUES (:workspace_id, :run_id, :attempt, :workflow_id, :workflow_name, :version, :document,
                :forked_from, :status, :signature, :code, :step, :message, :at, :collection)
        ON CONFLICT DO NOTHING
        RETURNING workspace_id, workflow_id, signature, collection
    ), following AS ({following})
    SELECT 1 FROM kept
"""
KEEP_FAILURE: Final = Statement(
    _KEEP.format(
        following="""
        INSERT INTO memory.run_failures (workspace_id, workflow_id, signature, due_at, collection)
        SELECT workspace_id, workflow_id, signature, :now, collection FROM kept
        ON CONFLICT (workspace_id, workflow_id, signature) DO UPDATE SET due_at = :now, awaits_success = true
        """
    )
)
KEEP_SUCCESS: Final = Statement(
    _KEEP.format(
        following="""
        UPDATE memory.run_failures AS f SET due_at = :now FROM kept
        WHERE f.workspace_id = kept.workspace_id AND f.workflow_id = kept.workflow_id AND f.awaits_success
        """
    )
)

# One that is claimed is due again after a while, in case its process goes away.
CLAIM: Final = Statement(
    """
    UPDATE memory.run_failures SET due_at = :until
    WHERE (workspace_id, workflow_id, signature) = (
        SELECT workspace_id, workflow_id, signature FROM memory.run_failures
        WHERE due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING workspace_id, workflow_id, signature, due_at
    """
)
DONE: Final = text(
    """
    UPDATE memory.run_failures SET due_at = NULL, awaits_success = :awaits_success
    WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND signature = :signature
      AND due_at = :due_at
    """
)
GONE: Final = text(
    """
    DELETE FROM memory.run_failures
    WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND signature = :signature
      AND due_at = :due_at
    """
)
DROP_DOCUMENT: Final = text(
    "DELETE FROM memory.documents WHERE workspace_id = :workspace_id AND effect_key = :effect_key"
)
TELL_APART: Final = text(
    """
    UPDATE memory.documents SET workflow_id = :workflow_id, name = :name
    WHERE workspace_id = :workspace_id AND effect_key = :effect_key
    """
)

KNOWN: Final = Statement(
    """
    SELECT workflow_id, signature, count(*) AS seen, min(at) AS first_seen, max(at) AS last_seen,
           (array_agg(run_id ORDER BY at DESC))[1] AS last_run_id,
           (array_agg(workflow_name ORDER BY at DESC))[1] AS workflow_name,
           (array_agg(code ORDER BY at DESC))[1] AS code,
           (array_agg(step ORDER BY at DESC))[1] AS step,
           (array_agg(message ORDER BY at DESC))[1] AS message
    FROM memory.run_outcomes
    WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND status = 'failed'
      AND (:signature::text IS NULL OR signature = :signature::text)
    GROUP BY workflow_id, signature ORDER BY max(at) DESC LIMIT :most
    """
)

# What the run itself did next says more than what others of its workflow did.
REMEDIES: Final = Statement(
    """
    WITH failures AS (
        SELECT * FROM memory.run_outcomes
        WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND status = 'failed'
          AND signature = ANY(:signatures::text[])
        ORDER BY at DESC LIMIT :most
    ), helped AS (
        SELECT f.signature, s.* FROM failures AS f CROSS JOIN LATERAL (
            SELECT * FROM (
                (SELECT 1 AS place, 'retry' AS kind, o.run_id, o.version, o.at FROM memory.run_outcomes AS o
                 WHERE o.workspace_id = f.workspace_id AND o.run_id = f.run_id AND o.attempt > f.attempt
                   AND o.status = 'succeeded' ORDER BY o.attempt LIMIT 1)
                UNION ALL
                (SELECT 2, 'fork', o.run_id, o.version, o.at FROM memory.run_outcomes AS o
                 WHERE o.workspace_id = f.workspace_id AND o.forked_from = f.run_id
                   AND o.workflow_id = f.workflow_id AND o.status = 'succeeded' ORDER BY o.at LIMIT 1)
                UNION ALL
                (SELECT 3, CASE WHEN (o.version, o.document) IS DISTINCT FROM (f.version, f.document)
                                THEN 'document' ELSE 'again' END, o.run_id, o.version, o.at
                 FROM memory.run_outcomes AS o
                 WHERE o.workspace_id = f.workspace_id AND o.workflow_id = f.workflow_id
                   AND o.status = 'succeeded' AND o.at > f.at ORDER BY o.at LIMIT 1)
            ) AS next ORDER BY place LIMIT 1
        ) AS s
    )
    SELECT signature, kind, count(*) AS runs, max(at) AS last_at,
           (array_agg(run_id ORDER BY at DESC))[1] AS last_run_id,
           (array_agg(version ORDER BY at DESC))[1] AS last_version
    FROM helped GROUP BY signature, kind ORDER BY count(*) DESC, kind
    """
)
SIGNATURE: Final = Statement(
    """
    SELECT signature FROM memory.run_outcomes
    WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND run_id = :run_id
      AND status = 'failed'
    ORDER BY attempt DESC LIMIT 1
    """
)

# What is told of a failure that has lost some of its runs is told anew.
FORGET_OLD: Final = Statement(
    """
    WITH old AS (
        DELETE FROM memory.run_outcomes WHERE at < :before RETURNING workspace_id, workflow_id, signature
    )
    UPDATE memory.run_failures AS f SET due_at = :now FROM old
    WHERE f.workspace_id = old.workspace_id AND f.workflow_id = old.workflow_id
      AND f.signature = old.signature
    """
)
