"""A memory store and its index in a list."""

from collections.abc import Callable, Iterator, Sequence

from flowloom_contracts.memory import StoredText
from memory.domain.search import FoundPassage, Key, Question, Scope
from memory.domain.texts import DEFAULT_MODEL, Embedding, NewText, Passage


class InMemoryMemoryStore:
    """Behaves like the real store and the real index for texts, as long as the process lives."""

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

    async def scope(self, workspace_id: str, collections: Sequence[str], role: str) -> Scope:
        """Let every role into everything."""
        return Scope(workspace_id, tuple(collections), 1, DEFAULT_MODEL)

    async def by_meaning(self, question: Question, embedding: Embedding) -> list[Key]:
        """Return the nearest passages by exact comparison."""
        return self._ranked(question, lambda _, passage: _similarity(passage, embedding))

    async def by_words(self, question: Question, query: str) -> list[Key]:
        """Return the passages that share words with the query, most first."""
        words = set(query.lower().split())
        return self._ranked(
            question, lambda text, part: len(words & set(_content(text, part).lower().split()))
        )

    async def details(
        self, scope: Scope, keys: Sequence[Key], embedding: Embedding | None
    ) -> list[FoundPassage]:
        """Return what is known of these passages."""
        return [
            FoundPassage(
                key=key, workspace_id=text.workspace_id, collection=text.collection, name="",
                text=_content(text, passage), kind="text", headings=(), page_from=None, page_to=None,
                start=passage.start, end=passage.end, metadata=text.metadata, created_at=text.created_at,
                similarity=None if embedding is None else _similarity(passage, embedding),
            )
            for key, text, passage in self._passages(scope)
            if key in set(keys)
        ]  # fmt: skip

    def _ranked(self, question: Question, score: Callable[[NewText, Passage], float]) -> list[Key]:
        scored = [(score(text, passage), key) for key, text, passage in self._passages(question.scope)]
        ranked = sorted((pair for pair in scored if pair[0] != 0), key=lambda pair: (-pair[0], pair[1]))
        kept: list[Key] = []
        for _, key in ranked:
            if sum(known[0] == key[0] for known in kept) < question.per_document:
                kept.append(key)
        return kept[: question.depth]

    def _passages(self, scope: Scope) -> Iterator[tuple[Key, NewText, Passage]]:
        for text in self.texts.values():
            if text.workspace_id == scope.workspace_id and text.collection in scope.collections:
                for position, passage in enumerate(text.passages, start=1):
                    yield (text.id, position), text, passage


def _content(text: NewText, passage: Passage) -> str:
    return text.text[passage.start : passage.end]


def _similarity(passage: Passage, embedding: Embedding) -> float:
    return sum(a * b for a, b in zip(passage.embedding, embedding, strict=True))
