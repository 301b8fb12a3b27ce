"""What the gateway asks over the sidecar: what runs have kept, one by one."""

from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends

from flowloom_contracts.memories import (
    AgentMemories,
    AgentMemory,
    CorrectMemory,
    ForgetMemoriesOf,
    ForgottenMemories,
    ListMemories,
    OfMemory,
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
from memory.domain.access import CollectionIsReadOnlyError
from memory.parts import Parts, parts_of
from memory.usecases import memories
from memory.usecases.memories import MemoryNotFoundError, StaleMemoryError

router: Final = APIRouter(
    prefix="/internal/memory/memories",
    dependencies=[Depends(caller([AppId.GATEWAY]))],
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        InvalidRequestError,
        StorageUnavailableError,
        StorageFullError,
    ),
)
Memory: TypeAlias = Annotated[Parts, Depends(parts_of)]


@router.post("/list")
async def list_memories(body: ListMemories, memory: Memory) -> AgentMemories:
    """Return what runs have kept, the newest first or what answers a query best."""
    return await memories.list_memories(body, remembered=memory.remembered)


@router.post("/get", responses=problems(MemoryNotFoundError))
async def get_memory(body: OfMemory, memory: Memory) -> AgentMemory:
    """Return a memory with all of its text."""
    return await memories.get_memory(body, remembered=memory.remembered)


@router.post("/correct", responses=problems(MemoryNotFoundError, CollectionIsReadOnlyError, StaleMemoryError))
async def correct_memory(body: CorrectMemory, memory: Memory) -> AgentMemory:
    """Put another text in its place."""
    return await memories.correct_memory(body, remembered=memory.remembered)


@router.post("/forget")
async def forget_memories(body: ForgetMemoriesOf, memory: Memory) -> ForgottenMemories:
    """Delete memories for good, vectors included."""
    return await memories.forget_memories(body, remembered=memory.remembered)
