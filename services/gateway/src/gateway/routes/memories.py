"""What steps of runs have kept in memory: listed, searched, read, corrected and forgotten."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from flowloom_contracts.memories import (
    AgentMemories,
    AgentMemory,
    CorrectedMemory,
    ForgetMemories,
    ForgottenMemories,
    MemoriesQuery,
)
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.knowledge_ports import CollectionIsReadOnlyError
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, MemoryReader, MemoryWriter, deeds_of
from gateway.usecases import memories as usecases
from gateway.usecases.knowledge import CollectionNotFoundError

router: Final = APIRouter(
    prefix="/v1/memories",
    tags=["memory"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.MemoryNotFoundError)
CHANGED: Final = problems(usecases.MemoryNotFoundError, CollectionIsReadOnlyError)


@router.get("")
async def list_memories(
    wanted: Annotated[MemoriesQuery, Query()], principal: MemoryReader, parts: PartsOf
) -> AgentMemories:
    """List what steps of runs have kept, newest first, from collections that the caller's role may read."""
    return await usecases.list_memories(wanted, principal, knowledge=parts.desk.knowledge)


@router.get("/{memory_id}", responses=ONE)
async def get_memory(
    memory_id: str, response: Response, principal: MemoryReader, parts: PartsOf
) -> AgentMemory:
    """Return a memory with all of its text, where it is from, which steps have found it, and its `ETag`."""
    found = await usecases.read_memory(memory_id, principal, knowledge=parts.desk.knowledge)
    response.headers["etag"] = usecases.etag_of(found)
    return found


@router.put("/{memory_id}", responses=CHANGED | problems(usecases.StaleMemoryError))
async def correct_memory(
    *,
    memory_id: str,
    body: CorrectedMemory,
    response: Response,
    principal: MemoryWriter,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> AgentMemory:
    """Put another text in the place of what was kept; agents find the new one from now on.

    With `If-Match` only in the state that was read.
    """
    knowledge, deeds = parts.desk.knowledge, deeds_of(parts)
    corrected = await usecases.correct_memory(
        memory_id, body, principal, if_match=if_match, knowledge=knowledge, deeds=deeds
    )
    response.headers["etag"] = usecases.etag_of(corrected)
    return corrected


@router.delete("/{memory_id}", status_code=204, responses=CHANGED)
async def forget_memory(memory_id: str, principal: MemoryWriter, parts: PartsOf) -> None:
    """Delete a memory for good, with its vectors."""
    await usecases.forget_memory(memory_id, principal, knowledge=parts.desk.knowledge, deeds=deeds_of(parts))


@router.post("/forget", responses=problems(CollectionNotFoundError))
async def forget_memories(body: ForgetMemories, principal: MemoryWriter, parts: PartsOf) -> ForgottenMemories:
    """Delete for good what a run, an agent or a workflow has kept; collections the role only reads stay."""
    return await usecases.forget_memories(
        body, principal, knowledge=parts.desk.knowledge, deeds=deeds_of(parts)
    )
