"""What other services ask over the sidecar: texts, searches, and the generations of vectors."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends

from flowloom_contracts.memory import (
    CompareTexts,
    Comparison,
    Generation,
    Generations,
    ListGenerations,
    MemoryHits,
    PassageHits,
    ReEmbed,
    SearchMemory,
    SearchPassages,
    StoredText,
    StoreText,
)
from flowloom_contracts.run_memory import FailuresQuery, KnownFailures
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    StorageFullError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from memory.adapters.model_files import EmbeddingModelError
from memory.domain.access import CollectionIsReadOnlyError
from memory.parts import Parts, parts_of
from memory.usecases import reembed, run_memory, search, texts
from memory.usecases.reembed import UnknownModelError
from memory.usecases.search import ModelNotLoadedError

SERVICES = (*AGENT_APP_IDS, AppId.ORCHESTRATOR, AppId.GATEWAY)

router = APIRouter(
    prefix="/internal/memory",
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        CollectionIsReadOnlyError,
        InvalidRequestError,
        EmbeddingModelError,
        ModelNotLoadedError,
        StorageUnavailableError,
        StorageFullError,
    ),
)
anybody = [Depends(caller(SERVICES, mandated=AGENT_APP_IDS))]
comparing = [Depends(caller((*AGENT_APP_IDS, AppId.GATEWAY), mandated=AGENT_APP_IDS))]
# Vectors belong to every workspace, so only the gateway asks, for an operator; and only it knows whom a
# workflow is shared with.
operators = [Depends(caller((AppId.GATEWAY,)))]
Memory: TypeAlias = Annotated[Parts, Depends(parts_of)]


@router.post("/store", dependencies=anybody)
async def store_text(body: StoreText, memory: Memory) -> StoredText:
    """Keep a text, once for each effect key."""
    embedder = await search.active_embedder(memory.searching)
    return await texts.store_text(body, store=memory.store, embedder=embedder, clock=memory.searching.clock)


@router.post("/search", dependencies=anybody)
async def search_memory(body: SearchMemory, memory: Memory) -> MemoryHits:
    """Return the stored texts that answer best."""
    return await search.search_memory(body, searching=memory.searching)


@router.post("/passages/search", dependencies=anybody)
async def search_passages(body: SearchPassages, memory: Memory) -> PassageHits:
    """Return the passages that answer best, with their citations."""
    if not body.collections:
        body = await search.over_open_collections(body, library=memory.ingestion.library)
    return await search.search_passages(body, searching=memory.searching)


@router.post("/compare", dependencies=comparing)
async def compare_texts(body: CompareTexts, memory: Memory) -> Comparison:
    """Return which of some texts is nearest in meaning to each of some others."""
    return await search.compare_texts(body, searching=memory.searching)


@router.post("/runs/failures", dependencies=operators)
async def list_failures(body: FailuresQuery, memory: Memory) -> KnownFailures:
    """Return how runs of a workflow fail, or what is known of the failure of one run."""
    return await run_memory.list_failures(body, runs=memory.remembering.runs)


@router.post("/generations/list", dependencies=operators)
async def list_generations(body: ListGenerations, memory: Memory) -> Generations:
    """Return the generations of vectors and how far they are."""
    return await reembed.list_generations(generations=memory.ingestion.generations)


@router.post(
    "/generations/start", dependencies=operators, responses=problems(ConflictError, UnknownModelError)
)
async def start_generation(body: ReEmbed, memory: Memory) -> Generation:
    """Embed everything again; searches are answered by the old vectors until the new ones are whole."""
    parts = memory.ingestion
    started = await reembed.start_generation(body, generations=parts.generations, embedders=parts.embedders)
    memory.builder.wake()
    return started
