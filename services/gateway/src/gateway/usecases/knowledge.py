"""Collections, documents and searches of the caller's workspace, as their role may see them."""

from collections.abc import AsyncIterator
from typing import Final

import orjson

from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_contracts.base import JsonValue
from flowloom_contracts.knowledge import (
    CollectionList,
    DocumentList,
    ForgetBody,
    NewCollection,
    SaveCollection,
    SearchBody,
)
from flowloom_contracts.memory import (
    Asked,
    Collection,
    DocumentPassages,
    DocumentStatus,
    ForgetDocuments,
    Forgotten,
    ListDocuments,
    MemoryDocument,
    OfCollection,
    OfDocument,
    OfPart,
    PassageHits,
    PassagesQuery,
    PutCollection,
    QuarantineDocument,
    SearchPassages,
    TextQuery,
)
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.run_memory import RUN_MEMORY, WorkflowSight
from flowloom_servicekit.errors import (
    ConflictError,
    NotFoundError,
    RemoteProblemError,
)
from flowloom_servicekit.ids import is_id
from gateway.domain.paging import InvalidCursorError, cursor_of, row_after
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.knowledge_ports import Knowledge
from gateway.usecases.deeds import Deeds

EXPORT_PAGE: Final = 50
MOST_SEARCHED: Final = 20


class CollectionNotFoundError(NotFoundError):
    """The collection does not exist, or this role may not know of it."""

    title = "No such collection"


class DocumentNotFoundError(NotFoundError):
    """The document does not exist, or this role may not know of it."""

    title = "No such document"


class CollectionExistsError(ConflictError):
    """A collection of this name is there."""

    title = "The collection exists"


class DocumentIsFineError(ConflictError):
    """What is to be repeated has neither failed nor died."""

    title = "There is nothing to repeat"


def asked(principal: Principal) -> Asked:
    """Return who asks, as the memory service is told it."""
    return Asked(workspace_id=principal.workspace_id, role=principal.role.name)


def of_document(document_id: str, principal: Principal) -> OfDocument:
    """Return the request for one document; what cannot be an id is not found."""
    if not is_id(document_id):
        raise DocumentNotFoundError(f"no document {document_id[:80]!r}")
    return OfDocument(**asked(principal).model_dump(), document_id=document_id)


def of_collection(name: str, principal: Principal) -> OfCollection:
    """Return the request for one collection."""
    return OfCollection(**asked(principal).model_dump(), name=name)


async def list_collections(principal: Principal, *, knowledge: Knowledge) -> CollectionList:
    """Return what the role may read."""
    return CollectionList(items=(await knowledge.collections(asked(principal))).items)


async def create_collection(
    body: NewCollection, principal: Principal, *, knowledge: Knowledge, deeds: Deeds
) -> Collection:
    """Make a collection; raises `CollectionExistsError`."""
    try:
        await knowledge.collection(of_collection(body.name, principal))
    except RemoteProblemError as refused:
        if refused.remote_status != NotFoundError.status:
            raise
        async with deeds.doing(principal, AuditAction.COLLECTION_CREATED, _named(body.name), **_roles(body)):
            return await knowledge.put_collection(_put(body.name, body, principal))
    raise CollectionExistsError(f"There is a collection {body.name!r}; change it with `PUT`.")


async def save_collection(
    name: str, body: SaveCollection, principal: Principal, *, knowledge: Knowledge, deeds: Deeds
) -> Collection:
    """Change a collection that is there."""
    await knowledge.collection(of_collection(name, principal))
    async with deeds.doing(principal, AuditAction.COLLECTION_CHANGED, _named(name), **_roles(body)):
        return await knowledge.put_collection(_put(name, body, principal))


async def delete_collection(
    name: str, principal: Principal, *, knowledge: Knowledge, deeds: Deeds
) -> Forgotten:
    """Delete a collection with all that is in it."""
    async with deeds.doing(principal, AuditAction.COLLECTION_DELETED, _named(name)) as doing:
        gone = await knowledge.delete_collection(of_collection(name, principal))
        doing.tell(documents=gone.documents)
    return gone


async def list_documents(
    principal: Principal,
    *,
    collection: str | None,
    status: DocumentStatus | None,
    cursor: str | None,
    limit: int,
    knowledge: Knowledge,
) -> DocumentList:
    """Return a page, the newest first; a collection that the role may not read is not found."""
    before = row_after(cursor)
    query = ListDocuments(
        **asked(principal).model_dump(), collection=collection, status=status, before=before, limit=limit
    )
    items = (await knowledge.documents(query)).items
    return DocumentList(items=items, next_cursor=cursor_of(items[-1].id) if len(items) == limit else None)


async def list_passages(
    document_id: str, principal: Principal, *, cursor: str | None, limit: int, knowledge: Knowledge
) -> DocumentPassages:
    """Return how a document was cut."""
    if cursor is not None and not (cursor.isdecimal() and len(cursor) < 10):
        wrong = FieldProblem(path="cursor", code="invalid_cursor", message="Use `next_cursor`.")
        raise InvalidCursorError("`cursor` is not one we gave.", errors=[wrong])
    one = of_document(document_id, principal)
    return await knowledge.passages(PassagesQuery(**one.model_dump(), after=int(cursor or 0), limit=limit))


async def delete_document(
    document_id: str, principal: Principal, *, knowledge: Knowledge, deeds: Deeds
) -> None:
    """Delete a document for good."""
    document = await knowledge.document(of_document(document_id, principal))
    request = ForgetDocuments(
        **asked(principal).model_dump(), collection=document.collection, document_ids=[document_id]
    )
    async with deeds.doing(
        principal, AuditAction.DOCUMENTS_DELETED, _document(document), collection=document.collection
    ):
        await knowledge.forget(request)


async def quarantine_document(
    document_id: str, principal: Principal, *, on: bool, knowledge: Knowledge, deeds: Deeds
) -> MemoryDocument:
    """Hide a document from every search, or release it."""
    one = of_document(document_id, principal)
    action = AuditAction.DOCUMENT_QUARANTINED if on else AuditAction.DOCUMENT_RELEASED
    async with deeds.doing(principal, action, AuditTarget(kind="document", id=document_id)) as doing:
        document = await knowledge.quarantine(QuarantineDocument(**one.model_dump(), quarantined=on))
        doing.tell(_document(document), collection=document.collection)
    return document


async def forget(body: ForgetBody, principal: Principal, *, knowledge: Knowledge, deeds: Deeds) -> Forgotten:
    """Delete documents for good, by id or by their metadata."""
    async with deeds.doing(
        principal,
        AuditAction.DOCUMENTS_DELETED,
        _named(body.collection),
        document_ids=[*body.document_ids],
        metadata=[*sorted(body.metadata)],  # their values may be what had to be forgotten
    ) as doing:
        gone = await knowledge.forget(ForgetDocuments(**asked(principal).model_dump(), **body.model_dump()))
        doing.tell(documents=gone.documents)
    return gone


async def search(body: SearchBody, principal: Principal, *, knowledge: Knowledge) -> PassageHits:
    """Return the passages that answer best, from what the role may read."""
    names = body.collections
    if not names:
        readable = (await knowledge.collections(asked(principal))).items
        names = [one.name for one in readable if one.name != RUN_MEMORY][:MOST_SEARCHED]
    if not names:
        return PassageHits(items=[])
    fields = body.model_dump(exclude={"collections"})
    return await knowledge.search(
        SearchPassages(
            **asked(principal).model_dump(), collections=names, sight=sight_of(principal), **fields
        )
    )


def sight_of(principal: Principal) -> WorkflowSight:
    """Return whose run memory somebody may find: of the workflows whose runs they may see."""
    if Permission.RUNS_READ not in principal.permissions:
        return WorkflowSight()
    return WorkflowSight(all_but=principal.actor.closed)


async def open_content(
    document_id: str, principal: Principal, *, knowledge: Knowledge
) -> tuple[MemoryDocument, AsyncIterator[bytes]]:
    """Return a document and its content as it was sent, part by part."""
    one = of_document(document_id, principal)
    document = await knowledge.document(one)
    return document, _parts(one, knowledge)


async def open_export(name: str, principal: Principal, *, knowledge: Knowledge) -> AsyncIterator[bytes]:
    """Return a collection as JSON lines: each document with its text, the newest first."""
    await knowledge.collection(of_collection(name, principal))
    return _lines(name, principal, knowledge)


async def _parts(one: OfDocument, knowledge: Knowledge) -> AsyncIterator[bytes]:
    number = 1
    while (content := await knowledge.part(OfPart(**one.model_dump(), number=number))) is not None:
        yield content
        number += 1


async def _lines(name: str, principal: Principal, knowledge: Knowledge) -> AsyncIterator[bytes]:
    cursor: str | None = None
    while True:
        page = await list_documents(
            principal, collection=name, status=None, cursor=cursor, limit=EXPORT_PAGE, knowledge=knowledge
        )
        for document in page.items:
            async for piece in _line(document, principal, knowledge):
                yield piece
        cursor = page.next_cursor
        if cursor is None:
            return


async def _line(document: MemoryDocument, principal: Principal, knowledge: Knowledge) -> AsyncIterator[bytes]:
    """Give one line in pieces: a text may be as large as its document."""
    yield orjson.dumps(document.model_dump(mode="json"))[:-1] + b',"text":"'
    offset: int | None = 0
    while offset is not None:
        one = of_document(document.id, principal)
        piece = await knowledge.text(TextQuery(**one.model_dump(), offset=offset))
        yield orjson.dumps(piece.text)[1:-1]
        offset = piece.next_offset
    yield b'"}\n'


def _put(name: str, body: SaveCollection, principal: Principal) -> PutCollection:
    fields = body.model_dump(exclude={"name"})
    return PutCollection(**asked(principal).model_dump(), name=name, **fields)


def _named(collection: str) -> AuditTarget:
    return AuditTarget(kind="collection", id=collection, name=collection)


def _document(document: MemoryDocument) -> AuditTarget:
    return AuditTarget(kind="document", id=document.id, name=document.name)


def _roles(body: SaveCollection) -> dict[str, JsonValue]:
    roles: dict[str, JsonValue] = {"readers": [*body.readers], "writers": [*body.writers]}
    # Who lets a model see what is in a collection has to be found later.
    return roles if body.rerank is None else roles | {"rerank": body.rerank}
