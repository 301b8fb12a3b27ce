"""What runs have kept, on real Postgres: listed, found, corrected, forgotten, and by whom it was used."""

from datetime import UTC, datetime

import pytest

from flowloom_contracts.memories import (
    AgentMemory,
    CorrectMemory,
    ForgetMemories,
    ForgetMemoriesOf,
    ListMemories,
    OfMemory,
)
from flowloom_contracts.memory import PutCollection, RunOrigin, SearchMemory, SearchPassages, StoreText
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import InvalidRequestError, StorageUnavailableError
from flowloom_servicekit.testing.clock import FakeClock
from memory.adapters.postgres_library import PostgresLibrary
from memory.adapters.postgres_memories import PostgresMemories
from memory.adapters.postgres_memory_store import PostgresMemoryStore
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.domain.access import CollectionIsReadOnlyError
from memory.domain.texts import DEFAULT_MODEL
from memory.testing.word_embedder import WordEmbedder
from memory.usecases.memories import (
    MemoryNotFoundError,
    Remembered,
    StaleMemoryError,
    correct_memory,
    forget_memories,
    get_memory,
    list_memories,
)
from memory.usecases.search import Searching, search_memory, search_passages
from memory.usecases.texts import store_text

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RESEARCH = RunOrigin(run_id="r1", step="find", workflow_id="wf1", agent="research")
ANALYSIS = RunOrigin(run_id="r2", step="sum", workflow_id="wf1", agent="analysis")
TOOL = RunOrigin(run_id="r3", step="keep", workflow_id="wf2")


class Memory:
    """The use cases over one database."""

    def __init__(self, database: Database) -> None:
        self.clock, self.embedder = FakeClock(NOON), WordEmbedder()
        self.memories = PostgresMemories(database)
        index, models = PostgresPassageIndex(database), {DEFAULT_MODEL: self.embedder}
        self.searching = Searching(index, models, self.clock, uses=self.memories)
        self.library = PostgresLibrary(database)
        self.remembered = Remembered(self.memories, self.library, self.searching)
        self.store = PostgresMemoryStore(database)

    async def keep(
        self, text: str, origin: RunOrigin | None, *, workspace: str = "w1", collection: str = "notes"
    ) -> str:
        request = StoreText(
            workspace_id=workspace, collection=collection, text=text, effect_key=text[:99], origin=origin
        )
        stored = await store_text(request, store=self.store, embedder=self.embedder, clock=self.clock)
        self.clock.advance(1)
        return stored.id

    async def listed(self, *, workspace: str = "w1", role: str = "editor", **wanted: object) -> list[str]:
        request = ListMemories.model_validate({"workspace_id": workspace, "role": role, **wanted})
        return [one.text for one in (await list_memories(request, remembered=self.remembered)).items]

    async def read(self, memory_id: str, *, workspace: str = "w1", role: str = "editor") -> AgentMemory:
        request = OfMemory(workspace_id=workspace, role=role, memory_id=memory_id)
        return await get_memory(request, remembered=self.remembered)

    async def correct(self, memory_id: str, text: str, *, known_at: datetime | None = None) -> AgentMemory:
        request = CorrectMemory(
            workspace_id="w1", role="editor", memory_id=memory_id, text=text, by="a@example.org",
            known_at=known_at,
        )  # fmt: skip
        return await correct_memory(request, remembered=self.remembered)

    async def forget(self, *, workspace: str = "w1", role: str = "editor", **which: object) -> int:
        wanted = ForgetMemories.model_validate(which)
        request = ForgetMemoriesOf(workspace_id=workspace, role=role, which=wanted)
        return (await forget_memories(request, remembered=self.remembered)).memories

    async def search(self, query: str, origin: RunOrigin | None = None) -> list[str]:
        request = SearchMemory(workspace_id="w1", collections=["notes"], query=query, origin=origin)
        return [hit.text for hit in (await search_memory(request, searching=self.searching)).items]

    async def closed(
        self, name: str, *, readers: tuple[str, ...] = (), writers: tuple[str, ...] = ()
    ) -> None:
        request = PutCollection(
            workspace_id="w1", role="owner", name=name, readers=[*readers], writers=[*writers]
        )
        await self.library.put_collection(request, self.clock.now())


@pytest.fixture
def memory(database: Database) -> Memory:
    return Memory(database)


async def test_lists_what_steps_have_kept_by_who_kept_it(memory: Memory) -> None:
    await memory.keep("the turbine is old", RESEARCH)
    await memory.keep("orders rose by a tenth", ANALYSIS)
    await memory.keep("a tool step kept this", TOOL)
    await memory.keep("nobody knows who kept this", None)
    assert await memory.listed() == [
        "a tool step kept this", "orders rose by a tenth", "the turbine is old",
    ]  # fmt: skip
    assert await memory.listed(agent="research") == ["the turbine is old"]
    assert await memory.listed(workflow_id="wf1") == ["orders rose by a tenth", "the turbine is old"]
    assert await memory.listed(run_id="r3") == ["a tool step kept this"]
    assert await memory.listed(collection="others") == []
    assert await memory.listed(limit=1) == ["a tool step kept this"]
    assert await memory.listed(workspace="w2") == []


async def test_pages_follow_each_other(memory: Memory) -> None:
    ids = [await memory.keep(f"note {number}", RESEARCH) for number in range(3)]
    assert await memory.listed(limit=2) == ["note 2", "note 1"]
    assert await memory.listed(limit=2, before=ids[1]) == ["note 0"]
    with pytest.raises(InvalidRequestError):
        await memory.listed(before="no id")


async def test_a_query_finds_memories_only_and_the_best_first(memory: Memory) -> None:
    await memory.keep("the turbine is old and needs bearings", RESEARCH)
    await memory.keep("orders for a turbine rose", ANALYSIS)
    await memory.keep("turbine bearings nobody kept", None)
    found = await memory.listed(query="turbine bearings")
    assert found == ["the turbine is old and needs bearings", "orders for a turbine rose"]
    assert await memory.listed(query="turbine bearings", agent="analysis") == ["orders for a turbine rose"]
    request = ListMemories(workspace_id="w1", role="editor", query="turbine", limit=1)
    (first,) = (await list_memories(request, remembered=memory.remembered)).items
    assert first.score is not None


async def test_long_texts_are_cut_in_lists_and_whole_by_themselves(memory: Memory) -> None:
    text = "word " * 2_000
    memory_id = await memory.keep(text, RESEARCH)
    (shown,) = await memory.listed()
    assert (len(shown), (await memory.read(memory_id)).text) == (4_000, text)


async def test_a_correction_replaces_what_searches_find(memory: Memory) -> None:
    memory_id = await memory.keep("the turbine was repaired in March", RESEARCH)
    corrected = await memory.correct(memory_id, "the turbine was scrapped in May")
    assert (corrected.text, corrected.corrected_by) == ("the turbine was scrapped in May", "a@example.org")
    assert (corrected.id, corrected.origin, corrected.collection) == (memory_id, RESEARCH, "notes")
    assert await memory.search("repaired turbine March") == ["the turbine was scrapped in May"]
    document = await memory.library.document("w1", "editor", memory_id)
    assert (document.name, document.passages) == ("the turbine was scrapped in May", 1)


async def test_of_two_who_correct_the_second_is_refused(memory: Memory) -> None:
    memory_id = await memory.keep("first", RESEARCH)
    read = (await memory.read(memory_id)).updated_at
    await memory.correct(memory_id, "second", known_at=read)
    memory.clock.advance(1)
    with pytest.raises(StaleMemoryError):
        await memory.correct(memory_id, "third", known_at=read)
    assert (await memory.read(memory_id)).text == "second"


async def test_forgets_by_run_agent_workflow_or_id_and_nothing_else(memory: Memory) -> None:
    await memory.keep("a poisoned note", RESEARCH)
    keep = await memory.keep("a good note", ANALYSIS)
    await memory.keep("another workspace", RESEARCH, workspace="w2")
    document = await memory.keep("no memory of a run", None)
    assert await memory.forget(run_id="r1") == 1
    assert await memory.search("a poisoned note") == ["a good note", "no memory of a run"]
    assert await memory.forget(ids=[document, "no id"]) == 0
    assert await memory.forget(ids=["no id"]) == 0
    assert await memory.forget(ids=[keep], agent="research") == 0
    assert await memory.forget(ids=[keep]) == 1
    assert await memory.listed(workspace="w2") == ["another workspace"]
    with pytest.raises(InvalidRequestError):
        await memory.forget()


async def test_collections_say_who_sees_and_who_changes(memory: Memory) -> None:
    hidden = await memory.keep("a hidden note", RESEARCH, collection="hidden")
    shown = await memory.keep("a shown note", RESEARCH, collection="shown")
    await memory.closed("hidden", readers=("agent", "admin"))
    await memory.closed("shown", writers=("agent", "admin"))
    assert await memory.listed() == await memory.listed(query="note") == ["a shown note"]
    assert len(await memory.listed(role="admin")) == 2
    for refused in (hidden, "no id", "0190a1b2-0000-7000-8000-000000000000"):
        with pytest.raises(MemoryNotFoundError):
            await memory.read(refused)
    with pytest.raises(CollectionIsReadOnlyError):
        await memory.correct(shown, "changed")
    assert await memory.forget(agent="research") == 0
    assert await memory.forget(agent="research", role="admin") == 2


async def test_says_which_steps_have_found_it_each_once(memory: Memory) -> None:
    memory_id = await memory.keep("the turbine is old", RESEARCH)
    await memory.keep("no memory about a turbine", None)
    await memory.search("turbine")
    assert (await memory.read(memory_id)).used == 0
    for _ in range(2):
        await memory.search("turbine", ANALYSIS)
    passages = SearchPassages(workspace_id="w1", collections=["notes"], query="turbine", origin=TOOL)
    await search_passages(passages, searching=memory.searching)
    read = await memory.read(memory_id)
    assert (read.used, [(use.run_id, use.step, use.agent) for use in read.uses]) == (
        2,
        [("r3", "keep", None), ("r2", "sum", "analysis")],
    )


async def test_keeps_the_newest_uses_and_counts_all(memory: Memory) -> None:
    memory_id = await memory.keep("the turbine is old", RESEARCH)
    for number in range(25):
        await memory.search("turbine", RunOrigin(run_id=f"u{number}", step="s"))
    read = await memory.read(memory_id)
    assert (read.used, len(read.uses), read.uses[0].run_id) == (25, 20, "u24")


async def test_a_search_answers_though_its_use_cannot_be_kept(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StorageUnavailableError("down")

    await memory.keep("the turbine is old", RESEARCH)
    monkeypatch.setattr(memory.memories, "used", fail)
    assert await memory.search("turbine", ANALYSIS) == ["the turbine is old"]
