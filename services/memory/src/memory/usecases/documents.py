"""Collections and documents: made, sent, listed, hidden, forgotten and taken out again."""

from flowloom_contracts.memory import (
    AddDocument,
    Collection,
    Collections,
    DocumentPassages,
    DocumentText,
    ForgetDocuments,
    Forgotten,
    ListDocuments,
    MemoryDocument,
    MemoryDocuments,
    OfCollection,
    OfDocument,
    OfPart,
    PassagesQuery,
    PutCollection,
    QuarantineDocument,
    TextQuery,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError
from flowloom_servicekit.ids import is_id, new_id
from memory.domain.documents import DocumentIsFineError, NewDocument
from memory.domain.storable import ensure_storable
from memory.ports import Library


async def put_collection(request: PutCollection, *, library: Library, clock: Clock) -> Collection:
    """Make or change a collection."""
    ensure_storable(request.model_dump())
    return await library.put_collection(request, clock.now())


async def list_collections(workspace_id: str, role: str, *, library: Library) -> Collections:
    """Return the collections that the role may read."""
    return Collections(items=await library.collections(workspace_id, role))


async def delete_collection(request: OfCollection, *, library: Library) -> Forgotten:
    """Delete a collection with all that is in it."""
    gone = await library.delete_collection(request.workspace_id, request.role, request.name)
    return Forgotten(documents=gone)


async def add_document(request: AddDocument, *, library: Library, clock: Clock) -> MemoryDocument:
    """Announce a document; the same effect key announces it once."""
    ensure_storable(request.model_dump())
    fields = request.model_dump(exclude={"role"})
    return await library.add(NewDocument(id=new_id(), created_at=clock.now(), **fields), request.role)


async def put_part(request: OfPart, content: bytes, *, library: Library) -> None:
    """Keep a part of the content."""
    await writable(request, library=library)
    await library.put_part(request.workspace_id, request.document_id, request.number, content)


async def complete_document(request: OfDocument, *, library: Library, clock: Clock) -> MemoryDocument:
    """Hand a document over to ingestion."""
    await writable(request, library=library)
    await library.complete(request.workspace_id, request.document_id, clock.now())
    return await library.document(request.workspace_id, request.role, request.document_id)


async def list_documents(request: ListDocuments, *, library: Library) -> MemoryDocuments:
    """Return a page of documents, the newest first."""
    if request.before is not None and not is_id(request.before):
        raise InvalidRequestError("before is no id of a document")
    return MemoryDocuments(items=await library.documents(request))


async def get_document(request: OfDocument, *, library: Library) -> MemoryDocument:
    """Return a document that the role may read."""
    return await library.document(request.workspace_id, request.role, request.document_id)


async def get_part(request: OfPart, *, library: Library) -> bytes | None:
    """Return a part of the content as it was sent, None behind the last."""
    await get_document(request, library=library)
    return await library.part(request.workspace_id, request.document_id, request.number)


async def get_text(request: TextQuery, *, library: Library) -> DocumentText:
    """Return a piece of the text that was read."""
    await get_document(request, library=library)
    return await library.text(request)


async def get_passages(request: PassagesQuery, *, library: Library) -> DocumentPassages:
    """Return how a document was cut."""
    await get_document(request, library=library)
    items = await library.passages(request)
    is_full = len(items) == request.limit
    return DocumentPassages(items=items, next_cursor=str(items[-1].position) if is_full else None)


async def retry_document(request: OfDocument, *, library: Library, clock: Clock) -> MemoryDocument:
    """Ingest again what failed or died; raises `DocumentIsFineError` for all else."""
    known = await writable(request, library=library)
    if not await library.retry(request.workspace_id, request.document_id, clock.now()):
        raise DocumentIsFineError(f"The document is {known.status!r}, neither 'failed' nor 'dead'.")
    return await get_document(request, library=library)


async def quarantine_document(
    request: QuarantineDocument, *, library: Library, clock: Clock
) -> MemoryDocument:
    """Hide a document from every search, or release it."""
    await writable(request, library=library)
    await library.quarantine(
        request.workspace_id, request.document_id, on=request.quarantined, now=clock.now()
    )
    return await library.document(request.workspace_id, request.role, request.document_id)


async def forget_documents(request: ForgetDocuments, *, library: Library) -> Forgotten:
    """Delete documents for good; raises `InvalidRequestError` unless it is said which."""
    if not request.document_ids and not request.metadata:
        raise InvalidRequestError("say which documents to forget: document_ids or metadata")
    ensure_storable(request.model_dump())
    await library.ensure_may_write(request.workspace_id, request.role, request.collection)
    gone = await library.forget(
        request.workspace_id, request.collection, document_ids=request.document_ids, metadata=request.metadata
    )
    return Forgotten(documents=gone)


async def writable(request: OfDocument, *, library: Library) -> MemoryDocument:
    """Return a document that the role may change; raises `DocumentNotFoundError` or a refusal."""
    document = await library.document(request.workspace_id, request.role, request.document_id)
    await library.ensure_may_write(request.workspace_id, request.role, document.collection)
    return document
