"""Documents of collections: sent, followed on their way into the index, read, repaired and deleted."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from flowloom_contracts.base import JsonObject
from flowloom_contracts.knowledge import DocumentList, Quarantine
from flowloom_contracts.memory import (
    COLLECTION_PATTERN,
    DocumentPassages,
    DocumentStatus,
    DocumentText,
    MemoryDocument,
    TextQuery,
)
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    PayloadTooLargeError,
    RequestTimeoutError,
    StorageFullError,
    StorageUnavailableError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
    problems,
)
from gateway.edge.forms import UploadForm
from gateway.knowledge_ports import CollectionIsReadOnlyError
from gateway.parts import PartsOf
from gateway.routes.guards import (
    IdempotencyKey,
    MemoryManager,
    MemoryReader,
    MemoryWriter,
    PageCursor,
    PageLimit,
    deeds_of,
)
from gateway.usecases import knowledge as usecases
from gateway.usecases import uploads

router: Final = APIRouter(
    prefix="/v1/documents",
    tags=["memory"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.DocumentNotFoundError)
CHANGED: Final = problems(usecases.DocumentNotFoundError, CollectionIsReadOnlyError)
UNOPENED: Final = {"content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}
"""Whatever somebody sent: a browser that shows it all the same runs nothing of it."""

FORM: Final[JsonObject] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "collection": {"type": "string", "pattern": COLLECTION_PATTERN},
                        "metadata": {"type": "string", "description": "A JSON object."},
                        "file": {"type": "string", "format": "binary", "description": "Comes last."},
                    },
                    "required": ["collection", "file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    openapi_extra=FORM,
    responses=problems(
        CollectionIsReadOnlyError,
        PayloadTooLargeError,
        UnsupportedMediaTypeError,
        RequestTimeoutError,
        StorageFullError,
    ),
)
async def upload_document(
    request: Request, principal: MemoryWriter, parts: PartsOf, idempotency_key: IdempotencyKey = None
) -> MemoryDocument:
    """Take a file of up to 20 MB; it is read, cut and embedded after this answer."""
    kind = request.headers.get("content-type", "")
    form = UploadForm(kind, request.stream(), fields=uploads.FIELDS)
    knowledge = parts.desk.knowledge
    return await uploads.upload(form, principal, idempotency_key=idempotency_key, knowledge=knowledge)


@router.get("", responses=problems(usecases.CollectionNotFoundError))
async def list_documents(
    *,
    principal: MemoryReader,
    parts: PartsOf,
    collection: Annotated[str | None, Query(pattern=COLLECTION_PATTERN)] = None,
    status: Annotated[
        DocumentStatus | None, Query(description="`dead`: given up after six attempts.")
    ] = None,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> DocumentList:
    """List documents and how far they are, newest first."""
    return await usecases.list_documents(
        principal,
        collection=collection,
        status=status,
        cursor=cursor,
        limit=limit,
        knowledge=parts.desk.knowledge,
    )


@router.get("/{document_id}", responses=ONE)
async def get_document(document_id: str, principal: MemoryReader, parts: PartsOf) -> MemoryDocument:
    """Return a document and how far it is."""
    return await parts.desk.knowledge.document(usecases.of_document(document_id, principal))


@router.delete("/{document_id}", status_code=204, responses=CHANGED)
async def delete_document(document_id: str, principal: MemoryWriter, parts: PartsOf) -> None:
    """Delete a document for good, with its content, passages and vectors."""
    await usecases.delete_document(
        document_id,
        principal,
        knowledge=parts.desk.knowledge,
        deeds=deeds_of(parts),
    )


@router.get(
    "/{document_id}/content",
    response_class=Response,
    responses=ONE | {200: {"content": {"application/octet-stream": {}}}},
)
async def download_document(document_id: str, principal: MemoryReader, parts: PartsOf) -> Response:
    """Return the file as it was sent; browsers save it and never open it."""
    document, content = await usecases.open_content(document_id, principal, knowledge=parts.desk.knowledge)
    disposition = f"attachment; filename*=UTF-8''{quote(document.name, safe='')}"
    return StreamingResponse(
        content,
        media_type="application/octet-stream",
        headers={**UNOPENED, "content-disposition": disposition},
    )


@router.get("/{document_id}/text", responses=ONE)
async def get_document_text(
    *,
    document_id: str,
    principal: MemoryReader,
    parts: PartsOf,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000_000, description="Characters.")] = 100_000,
) -> DocumentText:
    """Return a piece of the text that was read; citations count its characters."""
    one = usecases.of_document(document_id, principal)
    return await parts.desk.knowledge.text(TextQuery(**one.model_dump(), offset=offset, limit=limit))


@router.get("/{document_id}/passages", responses=ONE)
async def list_document_passages(
    *,
    document_id: str,
    principal: MemoryReader,
    parts: PartsOf,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> DocumentPassages:
    """List the passages of a document in its order, as they are searched."""
    return await usecases.list_passages(
        document_id, principal, cursor=cursor, limit=limit, knowledge=parts.desk.knowledge
    )


@router.post(
    "/{document_id}/retry", status_code=202, responses=CHANGED | problems(usecases.DocumentIsFineError)
)
async def retry_document(document_id: str, principal: MemoryWriter, parts: PartsOf) -> MemoryDocument:
    """Ingest again what failed or was given up."""
    return await parts.desk.knowledge.retry(usecases.of_document(document_id, principal))


@router.put("/{document_id}/quarantine", responses=CHANGED)
async def quarantine_document(
    document_id: str, body: Quarantine, principal: MemoryManager, parts: PartsOf
) -> MemoryDocument:
    """Hide a document from every search, or release it."""
    return await usecases.quarantine_document(
        document_id,
        principal,
        on=body.quarantined,
        knowledge=parts.desk.knowledge,
        deeds=deeds_of(parts),
    )
