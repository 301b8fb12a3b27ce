"""What other services ask over the sidecar: collections and documents."""

from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from flowloom_contracts.memory import (
    MAX_PART_BYTES,
    AddDocument,
    Asked,
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
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageFullError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from memory.domain.access import CollectionIsReadOnlyError, CollectionNotFoundError, DocumentNotFoundError
from memory.domain.documents import DocumentIsCompleteError, DocumentIsFineError, DocumentTooLargeError
from memory.parts import Parts, parts_of
from memory.usecases import documents

router = APIRouter(
    prefix="/internal/memory",
    dependencies=[Depends(caller([AppId.GATEWAY]))],
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        CollectionIsReadOnlyError,
        CollectionNotFoundError,
        DocumentNotFoundError,
        InvalidRequestError,
        StorageUnavailableError,
        StorageFullError,
    ),
)
Memory: TypeAlias = Annotated[Parts, Depends(parts_of)]
NOT_A_PAGE: Final = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
"""So that no browser opens what somebody sent."""


@router.post("/collections/put")
async def put_collection(body: PutCollection, memory: Memory) -> Collection:
    """Make or change a collection."""
    parts = memory.ingestion
    return await documents.put_collection(body, library=parts.library, clock=parts.clock)


@router.post("/collections/list")
async def list_collections(body: Asked, memory: Memory) -> Collections:
    """Return the collections that the role may read."""
    return await documents.list_collections(body.workspace_id, body.role, library=memory.ingestion.library)


@router.post("/collections/delete")
async def delete_collection(body: OfCollection, memory: Memory) -> Forgotten:
    """Delete a collection with all that is in it."""
    return await documents.delete_collection(body, library=memory.ingestion.library)


@router.post("/collections/get")
async def get_collection(body: OfCollection, memory: Memory) -> Collection:
    """Return a collection."""
    return await memory.ingestion.library.collection(body.workspace_id, body.role, body.name)


@router.post("/documents/add")
async def add_document(body: AddDocument, memory: Memory) -> MemoryDocument:
    """Announce a document."""
    parts = memory.ingestion
    return await documents.add_document(body, library=parts.library, clock=parts.clock)


@router.put(
    "/documents/part", responses=problems(DocumentIsCompleteError, DocumentTooLargeError), status_code=204
)
async def put_part(request: Request, part: Annotated[OfPart, Query()], memory: Memory) -> None:
    """Keep a part of a document's content; the body is the part itself."""
    content = await _bounded(request)
    await documents.put_part(part, content, library=memory.ingestion.library)


@router.post("/documents/complete")
async def complete_document(body: OfDocument, memory: Memory) -> MemoryDocument:
    """Hand a document over to ingestion."""
    parts = memory.ingestion
    document = await documents.complete_document(body, library=parts.library, clock=parts.clock)
    memory.worker.wake()
    return document


@router.post("/documents/get")
async def get_document(body: OfDocument, memory: Memory) -> MemoryDocument:
    """Return a document and how far it is."""
    return await documents.get_document(body, library=memory.ingestion.library)


@router.post("/documents/list")
async def list_documents(body: ListDocuments, memory: Memory) -> MemoryDocuments:
    """Return a page of documents, the newest first."""
    return await documents.list_documents(body, library=memory.ingestion.library)


@router.get("/documents/part", response_class=Response)
async def get_part(part: Annotated[OfPart, Query()], memory: Memory) -> Response:
    """Return a part of the content as it was sent; 204 behind the last one."""
    content = await documents.get_part(part, library=memory.ingestion.library)
    if content is None:
        return Response(status_code=204)
    return Response(content, media_type="application/octet-stream", headers=NOT_A_PAGE)


@router.post("/documents/text")
async def get_text(body: TextQuery, memory: Memory) -> DocumentText:
    """Return a piece of the text that was read."""
    return await documents.get_text(body, library=memory.ingestion.library)


@router.post("/documents/passages")
async def get_passages(body: PassagesQuery, memory: Memory) -> DocumentPassages:
    """Return how a document was cut."""
    return await documents.get_passages(body, library=memory.ingestion.library)


@router.post("/documents/retry", responses=problems(DocumentIsFineError))
async def retry_document(body: OfDocument, memory: Memory) -> MemoryDocument:
    """Ingest again what failed or died."""
    parts = memory.ingestion
    document = await documents.retry_document(body, library=parts.library, clock=parts.clock)
    memory.worker.wake()
    return document


@router.post("/documents/quarantine")
async def quarantine_document(body: QuarantineDocument, memory: Memory) -> MemoryDocument:
    """Hide a document from every search, or release it."""
    parts = memory.ingestion
    return await documents.quarantine_document(body, library=parts.library, clock=parts.clock)


@router.post("/forget")
async def forget_documents(body: Annotated[ForgetDocuments, Body()], memory: Memory) -> Forgotten:
    """Delete documents for good, vectors included."""
    return await documents.forget_documents(body, library=memory.ingestion.library)


async def _bounded(request: Request) -> bytes:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_PART_BYTES:
            raise DocumentTooLargeError(f"a part has at most {MAX_PART_BYTES:,} bytes: send more parts")
    return bytes(content)
