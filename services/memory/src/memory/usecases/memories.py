"""What runs have kept: listed, searched, read, corrected and forgotten by people."""

from dataclasses import dataclass
from typing import Final

from flowloom_contracts.memories import (
    AgentMemories,
    AgentMemory,
    CorrectMemory,
    ForgetMemoriesOf,
    ForgottenMemories,
    ListMemories,
    OfMemory,
)
from flowloom_contracts.memory import MAX_COLLECTIONS, SearchPassages, StoreText
from flowloom_servicekit.errors import InvalidRequestError, NotFoundError, PreconditionFailedError
from flowloom_servicekit.ids import is_id
from memory.domain.storable import ensure_storable
from memory.ports import Library, Memories
from memory.usecases.search import Searching, active_embedder, search_passages
from memory.usecases.texts import embedded

MOST_SEARCHED: Final = 5_000
"""Among how many memories, the newest, a query looks."""
MOST_FOUND: Final = 50


class MemoryNotFoundError(NotFoundError):
    """The memory does not exist, or this role may not know of it."""

    title = "No such memory"


class StaleMemoryError(PreconditionFailedError):
    """Somebody changed the memory since it was read."""

    title = "The memory has changed meanwhile"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What these use cases need from outside."""

    memories: Memories
    library: Library
    searching: Searching


async def list_memories(request: ListMemories, *, remembered: Remembered) -> AgentMemories:
    """Return a page, the newest first, or what answers a query best."""
    if request.before is not None and not is_id(request.before):
        raise InvalidRequestError("before is no id of a memory")
    ensure_storable(request.model_dump())
    if request.query is not None:
        return await _found(request, request.query, remembered)
    return AgentMemories(items=await remembered.memories.page(request))


async def get_memory(request: OfMemory, *, remembered: Remembered) -> AgentMemory:
    """Return a memory that the role may read; raises `MemoryNotFoundError`."""
    found = await remembered.memories.one(request.workspace_id, request.role, request.memory_id)
    if found is None:
        raise MemoryNotFoundError(f"no memory {request.memory_id[:80]!r}")
    return found


async def correct_memory(request: CorrectMemory, *, remembered: Remembered) -> AgentMemory:
    """Put another text in the place of what was kept, with new vectors; searches find the one or the other.

    Raises `MemoryNotFoundError`, `CollectionIsReadOnlyError`, and `StaleMemoryError` unless it is still what
    was read.
    """
    ensure_storable({"text": request.text})
    known = await get_memory(request, remembered=remembered)
    await remembered.library.ensure_may_write(request.workspace_id, request.role, known.collection)
    searching = remembered.searching
    draft = StoreText(
        workspace_id=request.workspace_id,
        collection=known.collection,
        text=request.text,
        effect_key=known.id,
        role=request.role,
    )
    embedder = await active_embedder(searching)
    text = await embedded(draft, embedder=embedder, clock=searching.clock, text_id=known.id)
    if not await remembered.memories.correct(text, by=request.by, known_at=request.known_at):
        raise StaleMemoryError("Read it again and repeat the change.")
    return await get_memory(request, remembered=remembered)


async def forget_memories(request: ForgetMemoriesOf, *, remembered: Remembered) -> ForgottenMemories:
    """Delete memories for good, of collections that the role may change; some condition must be given."""
    which = request.which
    if not which.model_dump(exclude_defaults=True):
        raise InvalidRequestError(
            "say which memories to forget: ids, collection, agent, workflow_id or run_id"
        )
    ensure_storable(which.model_dump())
    gone = await remembered.memories.forget(request.workspace_id, request.role, which)
    return ForgottenMemories(memories=gone)


async def _found(request: ListMemories, query: str, remembered: Remembered) -> AgentMemories:
    candidates = await remembered.memories.candidates(request, MOST_SEARCHED)
    if not candidates:
        return AgentMemories(items=[])
    collections = list(dict.fromkeys(collection for _, collection in candidates))
    search = SearchPassages(
        workspace_id=request.workspace_id,
        role=request.role,
        collections=collections[:MAX_COLLECTIONS],
        query=query,
        top=min(request.limit, MOST_FOUND),
        per_document=1,
    )
    within = tuple(memory_id for memory_id, _ in candidates)
    hits = await search_passages(search, searching=remembered.searching, within=within)
    scores = {hit.citation.document_id: hit.score for hit in hits.items}
    found = await remembered.memories.these(request.workspace_id, request.role, list(scores))
    scored = [memory.model_copy(update={"score": scores[memory.id]}) for memory in found]
    return AgentMemories(items=sorted(scored, key=lambda memory: -(memory.score or 0)))
