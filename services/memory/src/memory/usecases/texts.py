"""Keeping a text."""

import asyncio
from functools import partial

from flowloom_contracts.memory import StoredText, StoreText
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from memory.domain.passages import split_passages
from memory.domain.storable import ensure_storable
from memory.domain.texts import NewText, Passage
from memory.ports import Embedder, MemoryStore


async def store_text(
    request: StoreText, *, store: MemoryStore, embedder: Embedder, clock: Clock
) -> StoredText:
    """Keep a text; asked again with the same effect key, answer with what the first time kept.

    Raises `InvalidRequestError` for characters that cannot be stored, `CollectionIsReadOnlyError` and
    `StorageUnavailableError`.
    """
    ensure_storable(request.model_dump())
    known = await store.find(request.workspace_id, request.effect_key)
    if known is not None:
        return known
    return await store.add(await embedded(request, embedder=embedder, clock=clock))


async def embedded(
    request: StoreText, *, embedder: Embedder, clock: Clock, text_id: str | None = None
) -> NewText:
    """Return a text with its passages and their vectors, ready to be stored, with a new id or this one."""
    spans = await asyncio.to_thread(partial(split_passages, request.text, count=embedder.count_tokens))
    embeddings = await embedder.embed([request.text[start:end] for start, end in spans])
    return NewText(
        id=text_id or new_id(),
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
        model=embedder.model,
        role=request.role,
        origin=request.origin,
    )
