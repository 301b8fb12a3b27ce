"""Searches that a re-ranking model judges again, on real Postgres and over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from flowloom_contracts.memory import PassageHits, PutCollection, SearchPassages, StoreText
from flowloom_modelkit.settings import RerankSettings
from flowloom_modelkit.testing.reranker import Reranker, fake_reranker
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from memory.adapters.model_reranker import opened_reranker
from memory.adapters.postgres_library import PostgresLibrary
from memory.adapters.postgres_memory_store import PostgresMemoryStore
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.domain.search import reordered
from memory.domain.texts import DEFAULT_MODEL
from memory.testing.word_embedder import WordEmbedder
from memory.usecases.search import Searching, search_passages
from memory.usecases.texts import store_text

QUERY = "turbine bearings"
# To the index the short one is nearest; the model is the one that counts both words.
NEAR = "turbine turbine"
BEST = (
    "whoever opens the old turbine before winter finds that all of its bearings are worn out and need grease"
)


class Shelf:
    """Collections of one workspace, and a search with a re-ranker."""

    def __init__(self, database: Database, searching: Searching) -> None:
        self._library, self._store = PostgresLibrary(database), PostgresMemoryStore(database)
        self.searching = searching

    async def collection(self, name: str, *, rerank: bool | None) -> bool:
        request = PutCollection(workspace_id="w1", role="owner", name=name, rerank=rerank)
        return (await self._library.put_collection(request, self.searching.clock.now())).rerank

    async def keep(self, collection: str, *texts: str) -> None:
        for text in texts:
            request = StoreText(
                workspace_id="w1", collection=collection, text=text, effect_key=f"{collection} {text}"[:99]
            )
            await store_text(request, store=self._store, embedder=WordEmbedder(), clock=self.searching.clock)

    async def search(self, *collections: str, top: int = 8) -> PassageHits:
        request = SearchPassages(
            workspace_id="w1", role="editor", collections=[*collections], query=QUERY, top=top, mode="vector"
        )
        return await search_passages(request, searching=self.searching)


@pytest.fixture
async def server() -> AsyncIterator[Reranker]:
    async with fake_reranker() as running:
        yield running


@pytest.fixture
async def shelf(database: Database, server: Reranker) -> AsyncIterator[Shelf]:
    async with AsyncExitStack() as stack:
        settings = RerankSettings.model_validate({"rerank_url": server.url, "rerank_timeout_s": 0.5})
        clock = SystemClock()
        reranker = await opened_reranker(settings, stack, clock=clock)
        index, models = PostgresPassageIndex(database), {DEFAULT_MODEL: WordEmbedder()}
        yield Shelf(database, Searching(index, models, clock, reranker=reranker))


async def test_a_collection_that_asks_for_it_is_judged_again(shelf: Shelf, server: Reranker) -> None:
    await shelf.collection("notes", rerank=False)
    await shelf.keep("notes", NEAR, BEST)
    before_it = await shelf.search("notes")
    assert ([hit.text for hit in before_it.items], before_it.reranking) == ([NEAR, BEST], None)
    assert server.requests == []
    assert await shelf.collection("notes", rerank=True)
    judged = await shelf.search("notes")
    assert ([hit.text for hit in judged.items], judged.reranking) == ([BEST, NEAR], "done")
    assert [hit.rerank_score for hit in judged.items] == [1.0, 0.5]
    assert [hit.vector_rank for hit in judged.items] == [2, 1]


async def test_what_the_model_finds_may_come_from_behind_what_is_wanted(shelf: Shelf) -> None:
    await shelf.collection("notes", rerank=True)
    await shelf.keep("notes", NEAR, BEST)
    assert [hit.text for hit in (await shelf.search("notes", top=1)).items] == [BEST]


async def test_the_model_sees_no_collection_that_does_not_ask_for_it(shelf: Shelf, server: Reranker) -> None:
    await shelf.collection("open", rerank=True)
    await shelf.collection("closed", rerank=None)
    await shelf.keep("open", NEAR, BEST)
    await shelf.keep("closed", "turbine secret")
    hits = await shelf.search("open", "closed")
    (request,) = server.requests
    assert sorted(str(text) for text in request["documents"]) == sorted([NEAR, BEST])  # type: ignore[union-attr]  # a list
    assert [hit.text for hit in hits.items] == [BEST, "turbine secret", NEAR]


async def test_a_change_that_says_nothing_of_it_keeps_it(shelf: Shelf) -> None:
    assert await shelf.collection("notes", rerank=True)
    assert await shelf.collection("notes", rerank=None)
    assert not await shelf.collection("notes", rerank=False)


@pytest.mark.parametrize("fault", ["late", "down", "nonsense"])
async def test_without_the_model_a_search_keeps_its_order_and_says_so(
    shelf: Shelf, server: Reranker, fault: str
) -> None:
    await shelf.collection("notes", rerank=True)
    await shelf.keep("notes", NEAR, BEST)
    server.late_s = 5 if fault == "late" else 0
    server.status = 503 if fault == "down" else 200
    server.says = {"results": []} if fault == "nonsense" else None
    hits = await shelf.search("notes")
    assert ([hit.text for hit in hits.items], hits.reranking) == ([NEAR, BEST], "unavailable")
    assert [hit.rerank_score for hit in hits.items] == [None, None]


async def test_where_no_endpoint_is_set_the_answer_says_so(database: Database) -> None:
    async with AsyncExitStack() as stack:
        assert await opened_reranker(RerankSettings(), stack, clock=SystemClock()) is None
    index, models = PostgresPassageIndex(database), {DEFAULT_MODEL: WordEmbedder()}
    shelf = Shelf(database, Searching(index, models, SystemClock()))
    await shelf.collection("notes", rerank=True)
    await shelf.keep("notes", NEAR)
    assert (await shelf.search("notes")).reranking == "unavailable"


def test_only_the_judged_change_places() -> None:
    a, b, c, d = [(name, 1) for name in "abcd"]
    assert reordered([a, b, c, d], {a: 0.1, c: 0.9}) == [c, b, a, d]
