"""Texts and their embeddings in Postgres with pgvector."""

from typing import Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.memory import StoredText
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.schema_versions import UnfitDatabaseError
from memory.adapters import statements
from memory.adapters.memories_statements import ADD_MEMORY
from memory.adapters.passage_rows import passage_columns, vector_columns
from memory.domain.access import CollectionIsReadOnlyError, may
from memory.domain.chunks import Chunk
from memory.domain.texts import NewText

MIN_PGVECTOR: Final = (0, 8)
NAME_CHARS: Final = 80


class PostgresMemoryStore:
    """The memory store of production."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        parameters = {"workspace_id": workspace_id, "effect_key": effect_key}
        for row in await self._database.rows(statements.FIND_TEXT, parameters, workspace=workspace_id):
            return StoredText.model_validate({**row, "created": False, "chunks": row["passage_count"]})
        return None

    async def add(self, text: NewText) -> StoredText:
        """Store a text once per effect key, in one transaction."""
        async with self._database.transaction(text.workspace_id) as session:
            if await add_in(session, text):
                return StoredText(id=text.id, created=True, chunks=len(text.passages))
        # Another insert was first and has committed: ON CONFLICT waited for it.
        kept = await self.find(text.workspace_id, text.effect_key)
        if kept is None:
            raise StorageUnavailableError(f"text {text.effect_key!r} was deleted while it was stored again")
        return kept


async def add_in(session: AsyncSession, text: NewText) -> bool:
    """Store a text with its passages in a transaction of others; False when its effect key is known."""
    if not await _add_text(session, text):
        return False
    await add_passages_in(session, text)
    if text.origin is not None:
        tenant = {"document_id": text.id, "workspace_id": text.workspace_id}
        await session.execute(ADD_MEMORY, tenant | text.origin.model_dump())
    return True


async def _add_text(session: AsyncSession, text: NewText) -> bool:
    """Insert text and collection; False when the effect key is known."""
    parameters = {
        "id": text.id,
        "workspace_id": text.workspace_id,
        "collection": text.collection,
        "name": named_after(text.text),
        "body": text.text,
        "size_bytes": len(text.text.encode()),
        "metadata": orjson.dumps(text.metadata).decode(),
        "effect_key": text.effect_key,
        "passage_count": len(text.passages),
        "created_at": text.created_at,
    }
    await session.execute(statements.ADD_COLLECTION, parameters)
    writers = await session.scalar(statements.WRITERS, parameters)
    if not may(text.role, writers or []):
        raise CollectionIsReadOnlyError(f"role {text.role!r} may not write to collection {text.collection!r}")
    return (await session.execute(statements.ADD_TEXT, parameters)).one_or_none() is not None


def named_after(text: str) -> str:
    """Return what a text without a name is called: its first line."""
    return text.strip().partition("\n")[0][:NAME_CHARS]


async def add_passages_in(session: AsyncSession, text: NewText) -> None:
    """Store the passages of a text that is there and has none, in a transaction of others."""
    generation, model = (await session.execute(statements.ACTIVE_GENERATION)).one()
    if model != text.model:
        raise StorageUnavailableError(f"the vectors are now by {model!r}: send the text again")
    chunks = [Chunk("text", passage.start, passage.end) for passage in text.passages]
    tenant = {"id": text.id, "workspace_id": text.workspace_id, "collection": text.collection}
    await session.execute(statements.ADD_PASSAGES, tenant | passage_columns(text.text, chunks))
    vectors = [
        ((text.id, number), passage.embedding) for number, passage in enumerate(text.passages, start=1)
    ]
    await session.execute(statements.add_vectors(generation), vector_columns(vectors))
