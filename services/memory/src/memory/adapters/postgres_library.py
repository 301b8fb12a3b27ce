"""Collections and documents in Postgres."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import orjson

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import (
    MAX_DOCUMENT_BYTES,
    Collection,
    DocumentPassage,
    DocumentText,
    ListDocuments,
    MemoryDocument,
    PassagesQuery,
    PutCollection,
    TextQuery,
)
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.ids import is_id
from memory.adapters import library_statements as sql
from memory.domain.access import (
    CollectionIsReadOnlyError,
    CollectionNotFoundError,
    DocumentNotFoundError,
    may,
)
from memory.domain.documents import DocumentIsCompleteError, DocumentTooLargeError, NewDocument

Row: TypeAlias = Mapping[str, object]


class PostgresLibrary:
    """The library of production."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_collection(self, request: PutCollection, now: datetime) -> Collection:
        """Make or change a collection."""
        known = await self._collection(request.workspace_id, request.name)
        if known is not None:
            _ensure_may_write(known, request.role)
        parameters = request.model_dump(exclude={"role"}) | {"now": now}
        await self._own(sql.PUT_COLLECTION, parameters)
        return _collection(await self._known(request.workspace_id, request.role, request.name))

    async def collections(self, workspace_id: str, role: str) -> list[Collection]:
        """Return the collections that the role may read, by name."""
        rows = await self._own(sql.COLLECTIONS, {"workspace_id": workspace_id})
        return [_collection(row) for row in rows if may(role, _names(row["readers"]))]

    async def delete_collection(self, workspace_id: str, role: str, name: str) -> int:
        """Delete a collection with all documents; returns how many there were."""
        await self.ensure_may_write(workspace_id, role, name)
        parameters = {"workspace_id": workspace_id, "name": name}
        (row,) = await self._own(sql.DELETE_COLLECTION, parameters)
        await self._own(sql.DELETE_EMPTY_COLLECTION, parameters)
        return _number(row["count"])

    async def add(self, document: NewDocument, role: str) -> MemoryDocument:
        """Announce a document; a known effect key gives what was first."""
        tenant = {"workspace_id": document.workspace_id}
        await self._own(
            sql.ADD_COLLECTION, tenant | {"name": document.collection, "now": document.created_at}
        )
        await self.ensure_may_write(document.workspace_id, role, document.collection)
        await self._own(sql.ADD_DOCUMENT, _columns(document))
        rows = await self._own(sql.DOCUMENT_BY_KEY, tenant | {"effect_key": document.effect_key})
        return _readable(rows, role)

    async def document(self, workspace_id: str, role: str, document_id: str) -> MemoryDocument:
        """Return a document."""
        return _readable(await self._rows(sql.DOCUMENT, workspace_id, document_id), role)

    async def collection(self, workspace_id: str, role: str, name: str) -> Collection:
        """Return a collection."""
        return _collection(await self._known(workspace_id, role, name))

    async def documents(self, query: ListDocuments) -> list[MemoryDocument]:
        """Return a page of documents, the newest first."""
        if query.collection is None:
            readable = [one.name for one in await self.collections(query.workspace_id, query.role)]
        else:
            readable = [(await self.collection(query.workspace_id, query.role, query.collection)).name]
        parameters = query.model_dump(exclude={"role", "collection"}) | {"collections": readable}
        return [_document(row) for row in await self._own(sql.DOCUMENTS, parameters)]

    async def put_part(self, workspace_id: str, document_id: str, number: int, content: bytes) -> None:
        """Keep a part of a document's content."""
        parameters = _one(workspace_id, document_id) | {
            "number": number, "content": content, "most": MAX_DOCUMENT_BYTES,
        }  # fmt: skip
        (row,) = await self._own(sql.PUT_PART, parameters)
        if not row["open"]:
            raise DocumentIsCompleteError(f"document {document_id!r} takes no more content")
        if not row["kept"]:
            raise DocumentTooLargeError(f"a document has at most {MAX_DOCUMENT_BYTES:,} bytes")

    async def complete(self, workspace_id: str, document_id: str, now: datetime) -> None:
        """Make a document due for ingestion."""
        await self._own(sql.COMPLETE, _one(workspace_id, document_id) | {"now": now})

    async def content(self, workspace_id: str, document_id: str) -> bytes:
        """Return the content as it was sent."""
        rows = await self._rows(sql.PARTS, workspace_id, document_id)
        return b"".join(part for row in rows if isinstance(part := row["content"], bytes))

    async def part(self, workspace_id: str, document_id: str, number: int) -> bytes | None:
        """Return a part of the content as it was sent, None behind the last."""
        parameters = _one(workspace_id, document_id) | {"number": number}
        for row in await self._own(sql.PART, parameters):
            return bytes(part) if isinstance(part := row["content"], bytes) else None
        return None

    async def text(self, query: TextQuery) -> DocumentText:
        """Return a piece of the text that was read from a document."""
        for row in await self._own(sql.BODY, query.model_dump(exclude={"role"})):
            text, end = str(row["body"]), query.offset + query.limit
            has_more = _number(row["size"]) > end
            return DocumentText(text=text, offset=query.offset, next_offset=end if has_more else None)
        raise DocumentNotFoundError(f"no document {query.document_id!r}")

    async def passages(self, query: PassagesQuery) -> list[DocumentPassage]:
        """Return a page of the passages of a document, in its order."""
        rows = await self._own(sql.PASSAGES, query.model_dump(exclude={"role"}))
        return [DocumentPassage.model_validate(dict(row)) for row in rows]

    async def retry(self, workspace_id: str, document_id: str, now: datetime) -> bool:
        """Make a failed or dead document due again."""
        return bool(await self._own(sql.RETRY, _one(workspace_id, document_id) | {"now": now}))

    async def quarantine(self, workspace_id: str, document_id: str, *, on: bool, now: datetime) -> None:
        """Hide a document from every search, or release it."""
        await self._own(sql.QUARANTINE, _one(workspace_id, document_id) | {"on": on, "now": now})

    async def forget(
        self, workspace_id: str, collection: str, *, document_ids: Sequence[str], metadata: JsonObject
    ) -> int:
        """Delete documents; parts, passages and vectors of every generation go with them."""
        parameters = {
            "workspace_id": workspace_id,
            "collection": collection,
            "document_ids": [document_id for document_id in document_ids if is_id(document_id)],
            "metadata": orjson.dumps(metadata).decode() if metadata else None,
        }
        (row,) = await self._own(sql.FORGET, parameters)
        return _number(row["count"])

    async def ensure_may_write(self, workspace_id: str, role: str, collection: str) -> None:
        """Raise `CollectionNotFoundError` or `CollectionIsReadOnlyError`."""
        _ensure_may_write(await self._known(workspace_id, role, collection), role)

    async def _rows(self, statement: Statement, workspace_id: str, document_id: str) -> Sequence[Row]:
        if not is_id(document_id):
            return []
        return await self._own(statement, _one(workspace_id, document_id))

    async def _own(self, statement: Statement, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Run a statement that sees the rows of its workspace only."""
        return await self._database.rows(statement, parameters, workspace=str(parameters["workspace_id"]))

    async def _collection(self, workspace_id: str, name: str) -> Row | None:
        rows = await self._own(sql.COLLECTION, {"workspace_id": workspace_id, "name": name})
        return rows[0] if rows else None

    async def _known(self, workspace_id: str, role: str, name: str) -> Row:
        row = await self._collection(workspace_id, name)
        if row is None or not may(role, _names(row["readers"])):
            raise CollectionNotFoundError(f"no collection {name!r}")
        return row


def _one(workspace_id: str, document_id: str) -> dict[str, object]:
    return {"workspace_id": workspace_id, "document_id": document_id}


def _columns(document: NewDocument) -> dict[str, object]:
    return {
        "id": document.id,
        "workspace_id": document.workspace_id,
        "collection": document.collection,
        "name": document.name,
        "media_type": document.media_type,
        "metadata": orjson.dumps(document.metadata).decode(),
        "source": orjson.dumps(document.source).decode(),
        "effect_key": document.effect_key,
        "quarantined": document.quarantined,
        "now": document.created_at,
    }


def _ensure_may_write(row: Row, role: str) -> None:
    if not may(role, _names(row["writers"])) or not may(role, _names(row["readers"])):
        raise CollectionIsReadOnlyError(f"role {role!r} may not change this collection")


def _readable(rows: Sequence[Row], role: str) -> MemoryDocument:
    for row in rows:
        if may(role, _names(row["readers"])):
            return _document(row)
    raise DocumentNotFoundError("no such document")


def _collection(row: Row) -> Collection:
    return Collection.model_validate(dict(row))


def _document(row: Row) -> MemoryDocument:
    return MemoryDocument.model_validate(dict(row))


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
