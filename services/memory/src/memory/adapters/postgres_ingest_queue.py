"""Documents on their way into the index, in Postgres; the lease of each is judged in every transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from memory.adapters import statements
from memory.adapters.library_statements import CLAIM, UNEMBEDDED
from memory.adapters.passage_rows import passage_columns, vector_columns
from memory.domain.chunks import Chunk
from memory.domain.documents import (
    LEASE,
    MAX_ATTEMPTS,
    ClaimedDocument,
    LeaseLostError,
    Unembedded,
    pause_after,
)
from memory.domain.reading import ReadDocument
from memory.domain.search import Key
from memory.domain.texts import Embedding

MINE = text(
    "SELECT 1 FROM memory.documents WHERE id = CAST(:id AS uuid) AND lease = CAST(:lease AS uuid) FOR UPDATE"
)
DROP_PASSAGES = text("DELETE FROM memory.passages WHERE document_id = CAST(:id AS uuid)")
OUTLINED = text(
    """
    UPDATE memory.documents
    SET body = :body, pages = :pages, media_type = :media_type, passage_count = :passages,
        embedded_count = 0, status = 'embedding', due_at = :until, updated_at = :now
    WHERE id = CAST(:id AS uuid)
    """
)
# The generation is shared: who drops it waits.
PROGRESSED = text(
    """
    WITH generation AS (
        SELECT id FROM memory.generations WHERE id = :generation FOR SHARE
    ), mine AS (
        UPDATE memory.documents
        SET embedded_count = least(embedded_count + :more, passage_count), due_at = :until, updated_at = :now
        WHERE id = CAST(:id AS uuid) AND lease = CAST(:lease AS uuid) AND EXISTS (SELECT FROM generation)
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM generation) AS is_there, EXISTS (SELECT FROM mine) AS is_mine
    """
)
ENDED = text(
    """
    UPDATE memory.documents
    SET status = coalesce(CAST(:status AS text), CASE status WHEN 'embedding' THEN status ELSE 'queued' END),
        problem = CAST(:problem AS jsonb), due_at = :due_at,
        lease = NULL, updated_at = :now WHERE id = CAST(:id AS uuid)
    """
)
UNEMBEDDED_PASSAGES = UNEMBEDDED.replace("{which}", "p.document_id = CAST(:id AS uuid)")
READY = text(
    """
    UPDATE memory.documents
    SET status = 'ready', problem = NULL, embedded_count = passage_count, due_at = NULL, lease = NULL,
        updated_at = :now
    WHERE id = CAST(:id AS uuid)
    """
)


class PostgresIngestQueue:
    """The queue of production."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime) -> ClaimedDocument | None:
        """Take the document that has been due longest; a lease that ended makes one due as well."""
        parameters = {"now": now, "until": now + LEASE, "lease": str(uuid4())}
        for row in await self._database.rows(CLAIM, parameters, workspace=EVERY_WORKSPACE):
            return ClaimedDocument(**row)  # type: ignore[arg-type]  # the columns of the statement are its fields
        return None

    async def keep_outline(
        self, document: ClaimedDocument, read: ReadDocument, chunks: Sequence[Chunk], now: datetime
    ) -> None:
        """Store text and passages in place of any from an earlier attempt."""
        tenant = {
            "id": document.id,
            "workspace_id": document.workspace_id,
            "collection": document.collection,
        }
        body = read.outline.text
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await _ensure_mine(session, document)
            await session.execute(DROP_PASSAGES, tenant)
            await session.execute(statements.ADD_PASSAGES, tenant | passage_columns(body, chunks))
            told = {"body": body, "pages": read.outline.pages, "media_type": read.media_type}
            times = {"now": now, "until": now + LEASE, "passages": len(chunks)}
            await session.execute(OUTLINED, tenant | told | times)

    async def unembedded(self, document: ClaimedDocument, generation: int, limit: int) -> list[Unembedded]:
        """Return passages of the document without a vector in this generation."""
        statement = Statement(_filled(UNEMBEDDED_PASSAGES, int(generation)))
        parameters = {"id": document.id, "limit": limit}
        rows = await self._database.rows(statement, parameters, workspace=EVERY_WORKSPACE)
        return [Unembedded(**row) for row in rows]  # type: ignore[arg-type]  # the columns are its fields

    async def keep_vectors(
        self,
        document: ClaimedDocument,
        generation: int,
        vectors: Sequence[tuple[Key, Embedding]],
        now: datetime,
    ) -> bool:
        """Store vectors, count them as progress and hold the lease for longer."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            progress = {"id": document.id, "lease": document.lease, "generation": generation}
            times = {"more": len(vectors), "now": now, "until": now + LEASE}
            row = (await session.execute(PROGRESSED, progress | times)).one()
            if not row.is_there:
                return False
            if not row.is_mine:
                raise _lost(document)
            await session.execute(statements.add_vectors(generation), vector_columns(vectors))
        return True

    async def finish(self, document: ClaimedDocument, now: datetime) -> bool:
        """Make it searchable, unless the generation that answers now lacks vectors of it."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await _ensure_mine(session, document)
            generation, _ = (await session.execute(statements.ACTIVE_GENERATION)).one()
            missing = text(_filled(UNEMBEDDED_PASSAGES, int(generation)))
            if (await session.execute(missing, {"id": document.id, "limit": 1})).first():
                return False
            await session.execute(READY, {"id": document.id, "now": now})
        return True

    async def refuse(self, document: ClaimedDocument, code: str, message: str, now: datetime) -> None:
        """End it as failed."""
        await self._end(document, "failed", {"code": code, "message": message}, now, due_at=None)

    async def try_later(self, document: ClaimedDocument, message: str, now: datetime) -> bool:
        """Make it due again after a pause, or dead after the last attempt."""
        last = document.attempts >= MAX_ATTEMPTS
        problem = {"code": "gave_up" if last else "trying_again", "message": message}
        due_at = None if last else now + pause_after(document.attempts)
        # Without a name: back to where it was, so that what is embedded already stays.
        status = "dead" if last else None
        await self._end(document, status, problem, now, due_at=due_at)
        return not last

    async def _end(
        self,
        document: ClaimedDocument,
        status: str | None,
        problem: dict[str, str],
        now: datetime,
        *,
        due_at: datetime | None,
    ) -> None:
        ended = {"id": document.id, "status": status, "problem": orjson.dumps(problem).decode()}
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await _ensure_mine(session, document)
            await session.execute(ENDED, ended | {"now": now, "due_at": due_at})


async def _ensure_mine(session: AsyncSession, document: ClaimedDocument) -> None:
    if await session.scalar(MINE, {"id": document.id, "lease": document.lease}) is None:
        raise _lost(document)


def _lost(document: ClaimedDocument) -> LeaseLostError:
    return LeaseLostError(f"document {document.id} was forgotten or is worked on elsewhere")


def _filled(statement: str, generation: int) -> str:
    return statement.replace("{generation}", str(int(generation)))
