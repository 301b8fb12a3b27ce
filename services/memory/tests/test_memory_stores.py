"""One suite for both memory stores: the one in memory and the one in Postgres."""

import asyncio
import math
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from flowloom_contracts.memory import EMBEDDING_DIMENSIONS
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from memory.adapters.postgres_memory_store import PostgresMemoryStore
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.domain.search import FoundPassage, Question
from memory.domain.texts import Embedding, NewText, Passage
from memory.ports import MemoryStore, PassageIndex
from memory.testing.in_memory_memory_store import InMemoryMemoryStore

BORN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Memory:
    """A store and the index over it."""

    def __init__(self, store: MemoryStore, index: PassageIndex) -> None:
        self._index = index
        self.add, self.find = store.add, store.find

    async def nearest(self, wanted: "Near") -> list[FoundPassage]:
        scope = await self._index.scope(wanted.workspace, wanted.collections, "agent")
        keys = await self._index.by_meaning(Question(scope, wanted.top, 1), wanted.embedding)
        found = {hit.key: hit for hit in await self._index.details(scope, keys, wanted.embedding)}
        return [found[key] for key in keys]


@dataclass(frozen=True)
class Near:
    """What is looked for."""

    workspace: str
    collections: tuple[str, ...]
    embedding: Embedding
    top: int


@pytest.fixture(params=["memory", "postgres-exact", "postgres-index"])
def store(request: pytest.FixtureRequest) -> Memory:
    """Give each implementation in turn; the last always searches by the HNSW index."""
    if request.param == "memory":
        fake = InMemoryMemoryStore()
        return Memory(fake, fake)
    database: Database = request.getfixturevalue("database")
    few = 0 if request.param == "postgres-index" else 5_000
    return Memory(PostgresMemoryStore(database), PostgresPassageIndex(database, exact_up_to=few))


def pointing(degrees: float) -> Embedding:
    """Return a unit vector in the plane of the first two dimensions."""
    angle = math.radians(degrees)
    return (math.cos(angle), math.sin(angle), *[0.0] * (EMBEDDING_DIMENSIONS - 2))


def a_text(
    body: str, degrees: float, *, key: str = "", workspace: str = "w1", collection: str = "notes"
) -> NewText:
    return NewText(
        id=new_id(),
        workspace_id=workspace,
        collection=collection,
        text=body,
        metadata={"from": body, "nested": {"deep": [1, None, "ü"]}},
        effect_key=key or body,
        created_at=BORN,
        passages=(Passage(start=0, end=len(body), embedding=pointing(degrees)),),
    )


def near(
    degrees: float, *, workspace: str = "w1", collections: tuple[str, ...] = ("notes",), top: int = 5
) -> Near:
    return Near(workspace=workspace, collections=collections, embedding=pointing(degrees), top=top)


async def test_gives_the_nearest_texts_best_first(store: Memory) -> None:
    for body, degrees in (("far", 80.0), ("near", 10.0), ("middle", 40.0)):
        await store.add(a_text(body, degrees))
    hits = await store.nearest(near(0, top=2))
    assert [hit.text for hit in hits] == ["near", "middle"]
    assert hits[0].similarity == pytest.approx(math.cos(math.radians(10)), abs=1e-4)
    assert hits[0].metadata == {"from": "near", "nested": {"deep": [1, None, "ü"]}}
    assert hits[0].created_at == BORN
    assert hits[0].collection == "notes"


async def test_stores_once_when_the_effect_key_is_known(store: Memory) -> None:
    first = await store.add(a_text("one", 0, key="k"))
    second = await store.add(a_text("two", 0, key="k"))
    assert (first.created, second.created) == (True, False)
    assert second.id == first.id
    assert [hit.text for hit in await store.nearest(near(0))] == ["one"]
    assert await store.find("w1", "k") == second


async def test_stores_once_when_the_same_key_comes_at_the_same_time(store: Memory) -> None:
    stored = await asyncio.gather(*(store.add(a_text(f"copy {i}", 0, key="k")) for i in range(8)))
    assert sum(one.created for one in stored) == 1
    assert len({one.id for one in stored}) == 1
    assert len(await store.nearest(near(0))) == 1


async def test_keeps_workspaces_apart(store: Memory) -> None:
    await store.add(a_text("ours", 0, key="k"))
    await store.add(a_text("theirs", 0, key="k", workspace="w2"))
    assert [hit.text for hit in await store.nearest(near(0))] == ["ours"]
    assert [hit.text for hit in await store.nearest(near(0, workspace="w2"))] == ["theirs"]
    assert await store.nearest(near(0, workspace="w3")) == []
    assert await store.find("w3", "k") is None


async def test_searches_only_the_named_collections(store: Memory) -> None:
    await store.add(a_text("note", 0))
    await store.add(a_text("draft", 5, collection="drafts"))
    await store.add(a_text("other", 2, collection="others"))
    hits = await store.nearest(near(0, collections=("drafts", "notes", "unknown")))
    assert [hit.text for hit in hits] == ["note", "draft"]


async def test_gives_a_text_once_with_its_best_passage(store: Memory) -> None:
    body = "first part. second part."
    parts = (Passage(0, 11, pointing(60)), Passage(12, 24, pointing(3)))
    two = a_text(body, 0)
    stored = await store.add(
        NewText(
            id=two.id, workspace_id="w1", collection="notes", text=body, metadata={}, effect_key="k",
            created_at=BORN, passages=parts,
        )
    )  # fmt: skip
    await store.add(a_text("third", 30))
    assert stored.chunks == 2
    assert [hit.text for hit in await store.nearest(near(0))] == ["second part.", "third"]


async def test_gives_as_many_as_asked_when_another_tenant_crowds_the_index(store: Memory) -> None:
    for number in range(120):
        await store.add(a_text(f"theirs {number}", number / 100, workspace="w2"))
    for number in range(10):
        await store.add(a_text(f"ours {number}", 90 + number))
    hits = await store.nearest(near(0, top=10))
    assert [hit.text for hit in hits] == [f"ours {number}" for number in range(10)]
