"""What other services ask over the sidecar."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Request

from flowloom_contracts.memory import MemoryHits, SearchMemory, StoredText, StoreText
from flowloom_contracts.topics import AGENT_APP_IDS
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageFullError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from flowloom_servicekit.identity import caller
from memory import usecases
from memory.adapters.model_files import EmbeddingModelError
from memory.ports import Embedder, MemoryStore

router = APIRouter(
    prefix="/internal/memory",
    dependencies=[Depends(caller(AGENT_APP_IDS))],
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        InvalidRequestError,
        EmbeddingModelError,
        StorageUnavailableError,
        StorageFullError,
    ),
)


def _store(request: Request) -> MemoryStore:
    store: MemoryStore = request.app.state.store
    return store


def _embedder(request: Request) -> Embedder:
    embedder: Embedder = request.app.state.embedder
    return embedder


def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


Store: TypeAlias = Annotated[MemoryStore, Depends(_store)]
Embeddings: TypeAlias = Annotated[Embedder, Depends(_embedder)]
Now: TypeAlias = Annotated[Clock, Depends(_clock)]


@router.post("/store")
async def store_text(body: StoreText, store: Store, embedder: Embeddings, clock: Now) -> StoredText:
    """Keep a text, once for each effect key."""
    return await usecases.store_text(body, store=store, embedder=embedder, clock=clock)


@router.post("/search")
async def search_memory(body: SearchMemory, store: Store, embedder: Embeddings) -> MemoryHits:
    """Return the stored texts nearest in meaning."""
    return await usecases.search_memory(body, store=store, embedder=embedder)
