"""A memory store in a list."""

from flowloom_contracts.memory import MemoryHit, StoredText
from memory.domain.texts import Embedding, NearestTexts, NewText, Passage


class InMemoryMemoryStore:
    """Behaves like the real store, for as long as the process lives."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], NewText] = {}

    async def find(self, workspace_id: str, effect_key: str) -> StoredText | None:
        """Return what was stored under this key, or None."""
        kept = self.texts.get((workspace_id, effect_key))
        if kept is None:
            return None
        return StoredText(id=kept.id, created=False, chunks=len(kept.passages))

    async def add(self, text: NewText) -> StoredText:
        """Store a text once per effect key."""
        kept = self.texts.setdefault((text.workspace_id, text.effect_key), text)
        return StoredText(id=kept.id, created=kept is text, chunks=len(kept.passages))

    async def nearest(self, wanted: NearestTexts) -> list[MemoryHit]:
        """Return the best texts of one workspace by exact comparison."""
        hits = [
            self._hit(text, wanted.embedding)
            for text in self.texts.values()
            if text.workspace_id == wanted.workspace_id and text.collection in wanted.collections
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[: wanted.top]

    def _hit(self, text: NewText, embedding: Embedding) -> MemoryHit:
        def score(passage: Passage) -> float:
            return sum(a * b for a, b in zip(passage.embedding, embedding, strict=True))

        best = max(text.passages, key=score)
        return MemoryHit(
            id=text.id,
            collection=text.collection,
            text=text.text[best.start : best.end],
            score=score(best),
            metadata=text.metadata,
            created_at=text.created_at,
        )
