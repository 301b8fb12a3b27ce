"""What the memory service needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from flowloom_contracts.memory import MemoryHit, StoredText
from memory.domain.texts import Embedding, NearestTexts, NewText


class MemoryStore(Protocol):
    """Keeps texts with the embeddings of their passages."""

    async def find(self, workspace_id: str, effect_key: str) -> StoredText | None:
        """Return what was stored under this key (`created` is false), or None."""

    async def add(self, text: NewText) -> StoredText:
        """Store a text with its passages, all or nothing; a known effect key gives what was first."""

    async def nearest(self, wanted: NearestTexts) -> list[MemoryHit]:
        """Return at most `top` texts of one workspace, best first, each with its best passage.

        As long as the named collections hold `top` texts, that many come back.
        """


class Embedder(Protocol):
    """Turns text into points: similar meaning, small angle."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the length of each text in the model's tokens; blocks, so call it in a thread."""

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Return one unit vector of 384 dimensions for each text; what exceeds 256 tokens is not read."""
