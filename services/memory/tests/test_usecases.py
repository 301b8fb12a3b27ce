"""What storing and searching do, on fakes."""

import asyncio
from typing import Any

import pytest

from flowloom_contracts.memory import SearchMemory, StoreText
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.errors import InvalidRequestError
from memory.testing.in_memory_memory_store import InMemoryMemoryStore
from memory.testing.word_embedder import WordEmbedder
from memory.usecases.search import Searching, search_memory
from memory.usecases.texts import store_text


class Memory:
    """The use cases with their fakes."""

    def __init__(self) -> None:
        self.store_port = InMemoryMemoryStore()
        self.embedder = WordEmbedder()
        self.searching = Searching(self.store_port, {self.embedder.model: self.embedder}, SystemClock())

    async def store(self, text: str, *, key: str = "") -> bool:
        request = StoreText(workspace_id="w1", collection="notes", text=text, effect_key=key or text[:50])
        stored = await store_text(request, store=self.store_port, embedder=self.embedder, clock=SystemClock())
        return stored.created

    async def search(self, query: str, *, workspace: str = "w1") -> list[str]:
        request = SearchMemory(workspace_id=workspace, collections=["notes"], query=query, top=1)
        hits = await search_memory(request, searching=self.searching)
        return [hit.text for hit in hits.items]


async def test_finds_what_was_stored() -> None:
    memory = Memory()
    await memory.store("the harvest of apples was good")
    await memory.store("the turbine needs new bearings")
    assert await memory.search("bearings for the turbine") == ["the turbine needs new bearings"]
    assert await memory.search("bearings for the turbine", workspace="w2") == []


async def test_gives_the_passage_that_answers_when_a_text_is_long() -> None:
    memory = Memory()
    filler = "We walked along the river and saw nothing of interest there. " * 40
    await memory.store(filler + "The password hint is marmalade. " + filler)
    (found,) = await memory.search("password hint marmalade")
    assert "marmalade" in found
    assert len(found.split()) <= 200


async def test_stores_a_text_once_when_the_same_request_comes_again() -> None:
    memory = Memory()
    answers = await asyncio.gather(*(memory.store("once", key="k") for _ in range(5)))
    assert sum(answers) == 1
    assert await memory.store("once", key="k") is False
    assert len(memory.store_port.texts) == 1


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("text", "a\0b", "text"),
        ("text", "\ud800", "text"),
        ("effect_key", "k\0", "effect_key"),
        ("metadata", {"a": [{"b\0": 1}]}, "metadata.a[0]"),
        ("metadata", {"a": ["fine", "\0"]}, "metadata.a[1]"),
    ],
)
async def test_refuses_characters_that_postgres_cannot_keep(field: str, value: str, path: str) -> None:
    fine: dict[str, Any] = {
        "workspace_id": "w1",
        "collection": "notes",
        "text": "t",
        "effect_key": "k",
        "metadata": {},
    }
    request = StoreText.model_construct(**{**fine, field: value})
    memory = Memory()
    with pytest.raises(InvalidRequestError) as refused:
        await store_text(request, store=memory.store_port, embedder=memory.embedder, clock=SystemClock())
    assert [error.path for error in refused.value.errors] == [path]
    assert not memory.store_port.texts


async def test_a_search_refuses_them_too() -> None:
    memory = Memory()
    request = SearchMemory(workspace_id="w1", collections=["no\0tes"], query="q")
    with pytest.raises(InvalidRequestError):
        await search_memory(request, searching=memory.searching)
