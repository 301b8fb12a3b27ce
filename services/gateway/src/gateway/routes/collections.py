"""Collections: who may read and change what, and all that is in one as a file."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse

from flowloom_contracts.knowledge import CollectionList, NewCollection, SaveCollection
from flowloom_contracts.memory import COLLECTION_PATTERN, Collection, Forgotten
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.knowledge_ports import CollectionIsReadOnlyError
from gateway.parts import PartsOf
from gateway.routes.guards import MemoryManager, MemoryReader, deeds_of
from gateway.usecases import knowledge as usecases

router: Final = APIRouter(
    prefix="/v1/collections",
    tags=["memory"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.CollectionNotFoundError)
CHANGED: Final = problems(usecases.CollectionNotFoundError, CollectionIsReadOnlyError)
Name = Annotated[str, Path(pattern=COLLECTION_PATTERN)]


@router.get("")
async def list_collections(principal: MemoryReader, parts: PartsOf) -> CollectionList:
    """List the collections that the caller's role may read."""
    return await usecases.list_collections(principal, knowledge=parts.desk.knowledge)


@router.post("", status_code=201, responses=problems(usecases.CollectionExistsError))
async def create_collection(body: NewCollection, principal: MemoryManager, parts: PartsOf) -> Collection:
    """Make a collection."""
    return await usecases.create_collection(
        body, principal, knowledge=parts.desk.knowledge, deeds=deeds_of(parts)
    )


@router.get("/{name}", responses=ONE)
async def get_collection(name: Name, principal: MemoryReader, parts: PartsOf) -> Collection:
    """Return a collection and how much is in it."""
    return await parts.desk.knowledge.collection(usecases.of_collection(name, principal))


@router.put("/{name}", responses=CHANGED)
async def save_collection(
    name: Name, body: SaveCollection, principal: MemoryManager, parts: PartsOf
) -> Collection:
    """Change what a collection is for, and which roles read and change it."""
    return await usecases.save_collection(
        name,
        body,
        principal,
        knowledge=parts.desk.knowledge,
        deeds=deeds_of(parts),
    )


@router.delete("/{name}", responses=CHANGED)
async def delete_collection(name: Name, principal: MemoryManager, parts: PartsOf) -> Forgotten:
    """Delete a collection for good, with its documents, passages and vectors."""
    return await usecases.delete_collection(
        name, principal, knowledge=parts.desk.knowledge, deeds=deeds_of(parts)
    )


@router.get(
    "/{name}/export",
    response_class=Response,
    responses=ONE | {200: {"content": {"application/x-ndjson": {}}}},
)
async def export_collection(name: Name, principal: MemoryReader, parts: PartsOf) -> Response:
    """Return a collection as JSON lines: each document with the text that was read from it."""
    lines = await usecases.open_export(name, principal, knowledge=parts.desk.knowledge)
    headers = {"content-disposition": f'attachment; filename="{name}.jsonl"'}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)
