"""A file on its way from the door into a collection: it is handed on in parts and never held whole."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Final

import structlog
from pydantic import TypeAdapter, ValidationError

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import AddDocument, CollectionName, ForgetDocuments, MemoryDocument, OfPart
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import DomainError, InvalidRequestError, UpstreamError
from flowloom_servicekit.ids import new_id
from gateway.domain.principals import Principal
from gateway.edge.bodies import check_json
from gateway.edge.forms import UploadForm
from gateway.knowledge_ports import Knowledge
from gateway.usecases.idempotency import check_key
from gateway.usecases.knowledge import asked, of_document

log = structlog.get_logger(__name__)

FIELDS: Final = frozenset({"collection", "metadata"})
PART_BYTES: Final = 4 * 1024 * 1024
"""What is held of a file at a time."""

_COLLECTION: Final[TypeAdapter[CollectionName]] = TypeAdapter(CollectionName)
_METADATA: Final[TypeAdapter[JsonObject]] = TypeAdapter(JsonObject)


async def upload(
    form: UploadForm, principal: Principal, *, idempotency_key: str | None, knowledge: Knowledge
) -> MemoryDocument:
    """Take a document; the same key takes it once. What breaks off on the way leaves nothing."""
    check_key(idempotency_key)
    await form.begin()
    request = _announced(form, principal, idempotency_key)
    document = await knowledge.announce(request)
    if document.status != "receiving":
        async for _ in form.pieces():
            continue
        return document
    one = of_document(document.id, principal)
    try:
        number = 0
        async for part in _parts(form.pieces()):
            number += 1
            await knowledge.send_part(OfPart(**one.model_dump(), number=number), part)
    except (DomainError, UpstreamError, asyncio.CancelledError):
        await _forget(document, principal, knowledge)
        raise
    return await knowledge.complete(one)


def _announced(form: UploadForm, principal: Principal, key: str | None) -> AddDocument:
    try:
        collection = _COLLECTION.validate_python(form.fields.get("collection"))
    except ValidationError as error:
        raise _wrong("collection", "Give the name of a collection.") from error
    unique = f"{principal.user_id} {key}" if key is not None else new_id()
    source: JsonObject = {"kind": "upload", "user_id": principal.user_id}
    return AddDocument(
        **asked(principal).model_dump(),
        collection=collection,
        name=form.file_name,
        media_type=form.media_type,
        metadata=_metadata(form.fields.get("metadata", "")),
        source=source,
        effect_key=f"upload:{hashlib.sha256(unique.encode()).hexdigest()}",
    )


def _metadata(text: str) -> JsonObject:
    if not text.strip():
        return {}
    check_json(text.encode())
    try:
        return _METADATA.validate_python(json.loads(text))
    except ValueError as error:
        raise _wrong("metadata", "Give a JSON object.") from error


async def _parts(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    if held:
        yield bytes(held)


async def _forget(document: MemoryDocument, principal: Principal, knowledge: Knowledge) -> None:
    """Delete what has come; what cannot be deleted now stays `receiving` and is found by no search."""
    request = ForgetDocuments(
        **asked(principal).model_dump(), collection=document.collection, document_ids=[document.id]
    )
    try:
        await knowledge.forget(request)
    except (DomainError, UpstreamError) as error:
        log.warning("a document that broke off is still there", document=document.id, error=repr(error))


def _wrong(path: str, message: str) -> InvalidRequestError:
    wrong = FieldProblem(path=path, code="invalid_value", message=message)
    return InvalidRequestError("The form does not match its schema.", errors=[wrong])
