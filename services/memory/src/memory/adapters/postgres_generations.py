"""Generations of vectors in Postgres: a table and an index each, and one row that says which answers."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.memory import Generation
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import ConflictError
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from memory.adapters import statements
from memory.adapters.library_statements import UNEMBEDDED
from memory.adapters.passage_rows import vector_columns
from memory.domain.documents import Unembedded
from memory.domain.search import Key
from memory.domain.texts import Embedding

MAX_DIMENSIONS: Final = 2_000
"""More than this pgvector's HNSW cannot index as `vector`."""

ALL: Final = text("SELECT id, model, dimensions, status FROM memory.generations ORDER BY id")
BEGIN: Final = text(
    """
    INSERT INTO memory.generations (id, model, dimensions, status)
    SELECT max(id) + 1, :model, :dimensions, 'building' FROM memory.generations
    RETURNING id
    """
)
# Waits for every transaction that stores vectors of the active generation, and makes later ones wait.
LOCK: Final = text("SELECT id FROM memory.generations WHERE status = 'active' FOR UPDATE")
RETIRE: Final = text("DELETE FROM memory.generations WHERE status = 'active' RETURNING id")
ACTIVATE: Final = text(
    "UPDATE memory.generations SET status = 'active' WHERE id = :id AND status = 'building'"
)
ABANDON: Final = text("DELETE FROM memory.generations WHERE id = :id AND status = 'building' RETURNING id")
# Tables belong to another role than the one the service signs in with.
CREATE_TABLE: Final = text("SELECT memory.create_vectors(:id, :dimensions)")
DROP_TABLE: Final = text("SELECT memory.drop_vectors(:id)")
INDEX_TABLE: Final = text("SELECT memory.index_vectors(:id)")
UNLIMITED: Final = text("SET LOCAL statement_timeout = 0")
_COUNT: Final = "SELECT (SELECT count(*) FROM memory.vectors_{id}), (SELECT count(*) FROM memory.passages)"


class PostgresGenerations:
    """The generations of production."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Generation]:
        """Return the active generation, and the one being built if there is one."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            rows = (await session.execute(ALL)).all()
            return [
                Generation(
                    id=row.id, model=row.model, dimensions=row.dimensions, status=row.status,
                    embedded=counts[0], passages=counts[1],
                )
                for row in rows
                if (counts := (await session.execute(text(_filled(_COUNT, row.id)))).one())
            ]  # fmt: skip

    async def start(self, model: str, dimensions: int) -> Generation:
        """Begin an empty generation."""
        if not 0 < dimensions <= MAX_DIMENSIONS:
            raise ConflictError(
                f"vectors of {dimensions} numbers cannot be indexed, at most {MAX_DIMENSIONS}"
            )
        try:
            async with self._database.transaction(EVERY_WORKSPACE) as session:
                number = await session.scalar(BEGIN, {"model": model, "dimensions": dimensions})
                await session.execute(CREATE_TABLE, {"id": number, "dimensions": dimensions})
        except IntegrityError as error:
            raise ConflictError("another generation is being built: wait for it or abandon it") from error
        return next(generation for generation in await self.all() if generation.status == "building")

    async def unembedded(self, generation: int, limit: int) -> list[Unembedded]:
        """Return passages of ready documents that have no vector in it yet."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return await _unembedded(session, generation, limit)

    async def keep_vectors(self, generation: int, vectors: Sequence[tuple[Key, Embedding]]) -> None:
        """Store vectors of passages that are still there."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(statements.add_vectors(generation), vector_columns(vectors))

    async def index(self, generation: int) -> None:
        """Build its indexes; until then only who builds the generation writes to its table."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(UNLIMITED)
            await session.execute(INDEX_TABLE, {"id": generation})

    async def activate(self, generation: int) -> bool:
        """Let it answer from now on, in one transaction, and drop the one before."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(LOCK)
            if await _unembedded(session, generation, 1):
                return False
            retired = await session.scalar(RETIRE)
            await session.execute(ACTIVATE, {"id": generation})
            await session.execute(DROP_TABLE, {"id": retired})
        return True

    async def abandon(self, generation: int) -> None:
        """Drop a generation that is being built."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            if await session.scalar(ABANDON, {"id": generation}) is not None:
                await session.execute(DROP_TABLE, {"id": generation})


def _filled(statement: str, generation: int) -> str:
    return statement.replace("{id}", str(int(generation)))


async def _unembedded(session: AsyncSession, generation: int, limit: int) -> list[Unembedded]:
    which = "EXISTS (SELECT FROM memory.documents AS d WHERE d.id = p.document_id AND d.status = 'ready')"
    statement = UNEMBEDDED.replace("{generation}", str(int(generation))).replace("{which}", which)
    rows = await session.execute(text(statement), {"limit": limit})
    return [Unembedded(row.document_id, row.position, row.text) for row in rows]
