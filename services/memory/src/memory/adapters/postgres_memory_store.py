"""Texts and their embeddings in Postgres with pgvector."""

from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.memory import MemoryHit, StoredText
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError
from memory.adapters import statements
from memory.domain.texts import Embedding, NearestTexts, NewText, ensure_own

# Up to here comparing with every passage of the tenant takes a few milliseconds and misses nothing.
EXACT_UP_TO_PASSAGES: Final = 5_000
# Passages looked at for one text that is wanted: several of the nearest can belong to the same text.
CANDIDATES_PER_HIT: Final = 4
MIN_CANDIDATES: Final = 40
MIN_PGVECTOR: Final = (0, 8)

Parameters: TypeAlias = dict[str, str | int | list[str]]


class UnfitDatabaseError(RuntimeError):
    """The database lacks what the service is built on; the process stops before it listens."""


class FoundRow(NamedTuple):
    """A row of a search, in the order of its columns."""

    id: str
    workspace_id: str
    collection: str
    metadata: str
    created_at: datetime
    passage: str
    score: float


class PostgresMemoryStore:
    """The memory store of production; search is exact for tenants of up to `exact_up_to` passages."""

    def __init__(self, database: Database, *, exact_up_to: int = EXACT_UP_TO_PASSAGES) -> None:
        self._database = database
        self._exact_up_to = exact_up_to

    async def ensure_fit(self) -> None:
        """Raise `UnfitDatabaseError` unless pgvector is there and knows iterative scans (0.8)."""
        async with self._database.transaction() as session:
            version = await session.scalar(statements.EXTENSION_VERSION)
        if version is None:
            raise UnfitDatabaseError("extension 'vector' is missing: CREATE EXTENSION vector (as superuser)")
        if tuple(int(part) for part in str(version).split(".")[:2]) < MIN_PGVECTOR:
            raise UnfitDatabaseError(
                f"extension 'vector' is {version}, at least 0.8 is needed: ALTER EXTENSION"
            )

    async def find(self, workspace_id: str, effect_key: str) -> StoredText | None:
        """Return what was stored under this key, or None."""
        async with self._database.transaction() as session:
            return await _find(session, workspace_id, effect_key)

    async def add(self, text: NewText) -> StoredText:
        """Store a text once per effect key, in one transaction."""
        async with self._database.transaction() as session:
            if await _add_text(session, text):
                await session.execute(statements.ADD_PASSAGES, _passages(text))
                return StoredText(id=text.id, created=True, chunks=len(text.passages))
            # Another insert was first and has committed: ON CONFLICT waited for it.
            kept = await _find(session, text.workspace_id, text.effect_key)
        if kept is None:
            raise StorageUnavailableError(f"text {text.effect_key!r} was deleted while it was stored again")
        return kept

    async def nearest(self, wanted: NearestTexts) -> list[MemoryHit]:
        """Return the best texts, by the HNSW index for a large tenant and else by comparing with all."""
        async with self._database.transaction() as session:
            rows = await self._by_index(session, wanted) if await self._is_large(session, wanted) else []
            if len(rows) < wanted.top:
                # Small tenant, or the index gave up early: an answer must not be short while texts are there.
                rows = await _found(session, wanted, candidates=None)
        return [_hit(row, wanted.workspace_id) for row in rows]

    async def _is_large(self, session: AsyncSession, wanted: NearestTexts) -> bool:
        parameters = _tenant(wanted) | {"enough": self._exact_up_to + 1}
        return int(await session.scalar(statements.COUNT_PASSAGES, parameters) or 0) > self._exact_up_to

    async def _by_index(self, session: AsyncSession, wanted: NearestTexts) -> list[FoundRow]:
        candidates = max(wanted.top * CANDIDATES_PER_HIT, MIN_CANDIDATES)
        await session.execute(statements.SEARCH_SETTINGS, {"candidates": str(candidates)})
        return await _found(session, wanted, candidates=candidates)


async def _find(session: AsyncSession, workspace_id: str, effect_key: str) -> StoredText | None:
    parameters = {"workspace_id": workspace_id, "effect_key": effect_key}
    row = (await session.execute(statements.FIND_TEXT, parameters)).one_or_none()
    if row is None:
        return None
    return StoredText(id=row.id, created=False, chunks=row.passage_count)


async def _add_text(session: AsyncSession, text: NewText) -> bool:
    """Insert text and collection; False when the effect key is known."""
    parameters = {
        "id": text.id,
        "workspace_id": text.workspace_id,
        "collection": text.collection,
        "body": text.text,
        "metadata": orjson.dumps(text.metadata).decode(),
        "effect_key": text.effect_key,
        "passage_count": len(text.passages),
        "created_at": text.created_at,
    }
    await session.execute(statements.ADD_COLLECTION, parameters)
    return (await session.execute(statements.ADD_TEXT, parameters)).one_or_none() is not None


async def _found(session: AsyncSession, wanted: NearestTexts, *, candidates: int | None) -> list[FoundRow]:
    parameters = _tenant(wanted) | {"embedding": _literal(wanted.embedding), "top": wanted.top}
    statement = statements.NEAREST_EXACT
    if candidates is not None:
        statement, parameters = statements.NEAREST_BY_INDEX, parameters | {"candidates": candidates}
    return [FoundRow(*row) for row in await session.execute(statement, parameters)]


def _passages(text: NewText) -> dict[str, str | list[int] | list[str]]:
    return {
        "id": text.id,
        "workspace_id": text.workspace_id,
        "collection": text.collection,
        "starts": [passage.start for passage in text.passages],
        "ends": [passage.end for passage in text.passages],
        "embeddings": [_literal(passage.embedding) for passage in text.passages],
    }


def _tenant(wanted: NearestTexts) -> Parameters:
    return {"workspace_id": wanted.workspace_id, "collections": list(wanted.collections)}


def _literal(embedding: Embedding) -> str:
    """Return pgvector's text form of a vector."""
    return orjson.dumps(embedding).decode()


def _hit(row: FoundRow, workspace_id: str) -> MemoryHit:
    ensure_own(workspace_id, found_in=row.workspace_id)
    return MemoryHit(
        id=row.id,
        collection=row.collection,
        text=row.passage,
        score=row.score,
        metadata=orjson.loads(row.metadata),
        created_at=row.created_at,
    )
