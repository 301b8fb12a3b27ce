"""What the memory service is asked and answers."""

from datetime import datetime

from pydantic import Field

from flowloom_contracts.base import JsonObject, Request, Response

COLLECTION_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"
EMBEDDING_DIMENSIONS = 384


class StoreText(Request):
    """`memory/store`: keep a text. The same `effect_key` stores it once."""

    workspace_id: str
    collection: str = Field(pattern=COLLECTION_PATTERN)
    text: str = Field(min_length=1, max_length=100_000)
    metadata: JsonObject = {}
    effect_key: str = Field(min_length=1, max_length=200)


class StoredText(Response):
    """What was kept; `created` is false when the effect key was known."""

    id: str
    created: bool
    chunks: int


class SearchMemory(Request):
    """`memory/search`: the stored texts nearest in meaning."""

    workspace_id: str
    collections: list[str] = Field(min_length=1, max_length=20)
    query: str = Field(min_length=1, max_length=20_000)
    top: int = Field(default=5, ge=1, le=50)


class MemoryHit(Response):
    """One stored text; `score` is the cosine similarity, 1 is the same meaning."""

    id: str
    collection: str
    text: str
    score: float
    metadata: JsonObject
    created_at: datetime


class MemoryHits(Response):
    """Hits, best first."""

    items: list[MemoryHit]
