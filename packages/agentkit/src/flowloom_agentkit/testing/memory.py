"""The memory of one workspace, in a list; every note is equally near."""

from datetime import UTC, datetime

from flowloom_contracts.memory import MemoryHit, StoredText


class InMemoryNotes:
    """An `AgentMemory`; an effect key is kept once."""

    def __init__(self, *texts: str) -> None:
        self.notes: dict[str, tuple[str, str]] = {str(n): ("notes", text) for n, text in enumerate(texts)}
        self.searches: list[str] = []
        self.stores = 0

    async def search(
        self, query: str, *, collections: list[str] | None = None, top: int = 5
    ) -> list[MemoryHit]:
        """Return the notes of some collections in the order in which they came."""
        self.searches.append(query)
        wanted = collections or ["notes"]
        return [
            MemoryHit(
                id=key,
                collection=collection,
                text=text,
                score=1.0,
                metadata={},
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for key, (collection, text) in self.notes.items()
            if collection in wanted
        ][:top]

    async def store(self, text: str, *, collection: str, effect_key: str) -> StoredText:
        """Keep a note once."""
        self.stores += 1
        created = effect_key not in self.notes
        self.notes.setdefault(effect_key, (collection, text))
        return StoredText(id=effect_key, created=created, chunks=1)
