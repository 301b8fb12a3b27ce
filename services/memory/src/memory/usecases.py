"""What the memory service can be asked to do."""

import asyncio
from functools import partial

from flowloom_contracts.memory import MemoryHits, SearchMemory, StoredText, StoreText
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from memory.domain.passages import split_passages
from memory.domain.storable import ensure_storable
from memory.domain.texts import NearestTexts, NewText, Passage
from memory.ports import Embedder, MemoryStore


async def store_text(
    request: StoreText, *, store: MemoryStore, embedder: Embedder, clock: Clock
) -> StoredText:
    """Keep a text; asked again with the same effect key, answer with what the first time kept.

    Raises `InvalidRequestError` for characters that cannot be stored and `StorageUnavailableError`.
    """
    ensure_storable(request.model_dump())
    known = await store.find(request.workspace_id, request.effect_key)
    if known is not None:
        return known
    spans = await asyncio.to_thread(partial(split_passages, request.text, count=embedder.count_tokens))
    embeddings = await embedder.embed([request.text[start:end] for start, end in spans])
    return await store.add(
        NewText(
            id=new_id(),
            workspace_id=request.workspace_id,
            collection=request.collection,
            text=request.text,
            metadata=request.metadata,
            effect_key=request.effect_key,
            created_at=clock.now(),
            passages=tuple(
                Passage(start=start, end=end, embedding=embedding)
                for (start, end), embedding in zip(spans, embeddings, strict=True)
            ),
        )
    )


async def search_memory(request: SearchMemory, *, store: MemoryStore, embedder: Embedder) -> MemoryHits:
    """Return the stored texts nearest in meaning; unknown collections are empty ones."""
    ensure_storable(request.model_dump())
    (embedding,) = await embedder.embed([request.query])
    wanted = NearestTexts(
        workspace_id=request.workspace_id,
        collections=tuple(request.collections),
        embedding=embedding,
        top=request.top,
    )
    return MemoryHits(items=await store.nearest(wanted))
