"""Run memory on real Postgres and the real model: what is kept, told, found, and by whom."""

from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.events import RunFinished
from flowloom_contracts.memory import ListDocuments, SearchMemory, SearchPassages
from flowloom_contracts.run_memory import RUN_MEMORY, FailuresQuery, KnownFailure, WorkflowSight
from flowloom_contracts.runs import RunError, RunStatus
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.clock import FakeClock
from memory.adapters.postgres_library import PostgresLibrary
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.adapters.postgres_run_memory import PostgresRunMemory
from memory.domain.access import DocumentNotFoundError
from memory.domain.run_memory import normalised, signature
from memory.domain.texts import DEFAULT_MODEL
from memory.testing.word_embedder import WordEmbedder
from memory.usecases.run_memory import KEPT, Remembering, hear_end_of_run, list_failures, tell_next
from memory.usecases.search import Searching, over_open_collections, search_memory, search_passages

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REFUSED = RunError(
    code="upstream", message="http://a.example/7 answered 503 after 12 s", step="polish[3].ask"
)
BOTH = WorkflowSight(all_but=[])


class Memory:
    """The use cases over one database."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock(NOON)
        embedder = WordEmbedder()
        searching = Searching(PostgresPassageIndex(database), {DEFAULT_MODEL: embedder}, self.clock)
        self.parts = Remembering(PostgresRunMemory(database), searching, self.clock)
        self.library = PostgresLibrary(database)

    async def ended(self, run_id: str, **fields: object) -> bool:
        """Hear that a run of workflow `a` in `w1` has failed, or what is said otherwise."""
        event = {
            "run_id": run_id,
            "workspace_id": "w1",
            "workflow_id": "a",
            "workflow_name": "orders",
            "status": RunStatus.FAILED,
            "at": self.clock.now(),
            "version": 1,
            "error": REFUSED,
        }
        told = RunFinished.model_validate(event | fields)
        heard = await hear_end_of_run(told, runs=self.parts.runs, clock=self.clock)
        self.clock.advance(1)
        return heard

    async def succeeded(self, run_id: str, **fields: object) -> bool:
        return await self.ended(run_id, **{"status": RunStatus.SUCCEEDED, "error": None} | fields)

    async def told(self) -> int:
        """Write everything down; returns how many texts that were."""
        count = 0
        while await tell_next(self.parts):
            count += 1
        return count

    async def known(self, workflow_id: str = "a", run_id: str | None = None) -> list[KnownFailure]:
        query = FailuresQuery(workspace_id="w1", workflow_id=workflow_id, run_id=run_id)
        return (await list_failures(query, runs=self.parts.runs)).items

    async def found(
        self, sight: WorkflowSight, *, workspace: str = "w1", role: str = "editor", query: str = "failed"
    ) -> list[str]:
        """Return the texts that a search finds."""
        request = SearchPassages(
            workspace_id=workspace, role=role, collections=[RUN_MEMORY], query=query, sight=sight
        )
        hits = await search_passages(request, searching=self.parts.searching)
        return sorted(hit.text for hit in hits.items)


@pytest.fixture
def memory(database: Database) -> Memory:
    return Memory(database)


def test_messages_are_told_apart_by_what_does_not_change() -> None:
    one = normalised("Order 'A-17' of 2026-11-29T08:00:00Z: https://a.example/x?y=1 answered 503 in 1.5 s")
    other = normalised("Order 'B-2' of 2026-11-30T09:10:11Z: https://b.example answered 504 in 30 s")
    assert one == other == "Order <name> of <time>: <address> answered <number> in <number> s"
    assert (
        normalised("run 0192f0c4-a5b6-7c8d-9e0f-1a2b3c4d5e6f, hash 9f86d081884c7d65") == "run <id>, hash <id>"
    )
    assert signature("timeout", "a", "x") != signature("timeout", "b", "x")
    assert signature("timeout", "a", "too slow") != signature("timeout", "a", "too large")


async def test_failures_are_counted_once_each_and_shown_with_the_run(memory: Memory) -> None:
    message = "http://b.example/9 answered 503 after 40 s"
    assert await memory.ended("r1")
    assert not await memory.ended("r1")
    assert await memory.ended("r2", error=REFUSED.model_copy(update={"message": message}))
    assert await memory.ended("r3", error=RunError(code="timeout", message="Too slow."))
    (failure,) = await memory.known(run_id="r1")
    assert (failure.seen, failure.last_run_id, failure.step) == (2, "r2", "polish.ask")
    assert (failure.message, failure.remedies) == (message, [])
    assert [one.code for one in await memory.known()] == ["timeout", "upstream"]
    assert await memory.known(run_id="r9") == await memory.known("b") == []


async def test_what_helped_is_a_retry_a_fork_a_new_version_or_nothing(memory: Memory) -> None:
    for run_id in ("r1", "r2", "r3"):
        await memory.ended(run_id)
    await memory.succeeded("r4", version=2)
    # What the runs themselves did next counts more than what others did before.
    await memory.succeeded("r1", attempt=2)
    await memory.succeeded("r5", forked_from="r2")
    await memory.ended("r6", version=2)
    await memory.succeeded("r7", version=2)
    (failure,) = await memory.known()
    assert failure.seen == 4
    assert [(one.kind, one.runs, one.last_run_id, one.last_version) for one in failure.remedies] == [
        ("again", 1, "r7", 2),
        ("document", 1, "r4", 2),
        ("fork", 1, "r5", 1),
        ("retry", 1, "r1", 1),
    ]


async def test_a_draft_that_was_changed_is_another_document(memory: Memory) -> None:
    await memory.ended("r1", version=None, document="d1")
    await memory.succeeded("r2", version=None, document="d1")
    await memory.ended("r3", version=None, document="d1")
    await memory.succeeded("r4", version=None, document="d2")
    (failure,) = await memory.known()
    assert sorted((one.kind, one.last_run_id) for one in failure.remedies) == [
        ("again", "r2"),
        ("document", "r4"),
    ]


async def test_a_hundred_failures_are_one_text_that_a_success_completes(memory: Memory) -> None:
    for number in range(20):
        await memory.ended(f"r{number}")
    assert await memory.told() == 1
    (text,) = await memory.found(BOTH)
    assert text.startswith("Runs of workflow orders failed in step polish.ask with upstream.")
    assert "Seen 20 times, last on 2026-01-01." in text
    assert text.endswith("No run has succeeded since.")
    await memory.succeeded("r30", version=3)
    assert await memory.told() == 1
    (text,) = await memory.found(BOTH)
    assert (
        "The next success came 20 times after a change of the workflow, last in run r30, version 3." in text
    )
    await memory.succeeded("r31", version=3)
    assert await memory.told() == 0


async def test_ends_that_arrive_in_another_order_tell_the_same(memory: Memory) -> None:
    later = NOON + timedelta(minutes=1)
    await memory.succeeded("r1", attempt=2, at=later)
    await memory.ended("r1", at=NOON)
    (failure,) = await memory.known()
    assert [one.kind for one in failure.remedies] == ["retry"]


async def test_private_runs_children_and_cancelled_runs_are_not_kept(memory: Memory) -> None:
    assert not await memory.ended("r1", is_private=True)
    assert not await memory.ended("r2", is_child=True)
    assert not await memory.ended("r3", status=RunStatus.CANCELLED)
    assert (await memory.known(), await memory.told()) == ([], 0)


async def test_s25_nobody_finds_what_runs_of_another_workspace_have_left(memory: Memory) -> None:
    await memory.ended("r1")
    await memory.ended("r1", workspace_id="w2", error=RunError(code="timeout", message="Secret of w2."))
    assert await memory.told() == 2
    assert ["Secret" in text for text in await memory.found(BOTH)] == [False]
    assert ["Secret" in text for text in await memory.found(BOTH, workspace="w2")] == [True]
    assert [one.code for one in await memory.known()] == ["upstream"]


async def test_s16_only_who_sees_a_workflow_finds_what_its_runs_have_left(memory: Memory) -> None:
    await memory.ended("r1")
    await memory.ended("r2", workflow_id="b", workflow_name="payroll")
    await memory.told()

    async def names(sight: WorkflowSight) -> list[str]:
        return [text.split()[3] for text in await memory.found(sight)]

    assert await names(BOTH) == ["orders", "payroll"]
    assert await names(WorkflowSight(all_but=["b"])) == ["orders"]
    assert await names(WorkflowSight(only=["b"])) == ["payroll"]
    assert await names(WorkflowSight(all_but=["a", "b"])) == await names(WorkflowSight()) == []
    plain = SearchMemory(workspace_id="w1", collections=[RUN_MEMORY], query="failed")
    assert (await search_memory(plain, searching=memory.parts.searching)).items == []


async def test_they_are_no_documents_and_in_no_search_that_does_not_name_them(memory: Memory) -> None:
    await memory.ended("r1")
    await memory.told()
    request = SearchPassages(workspace_id="w1", role="owner", query="failed", sight=BOTH)
    assert (await over_open_collections(request, library=memory.library)).collections == []
    assert await memory.library.documents(ListDocuments(workspace_id="w1", role="owner")) == []
    named = request.model_copy(update={"collections": [RUN_MEMORY]})
    (hit,) = (await search_passages(named, searching=memory.parts.searching)).items
    assert (hit.metadata["workflow_id"], hit.metadata["seen"]) == ("a", 1)
    with pytest.raises(DocumentNotFoundError):
        await memory.library.document("w1", "owner", hit.citation.document_id)
    gone = [hit.citation.document_id]
    assert await memory.library.forget("w1", RUN_MEMORY, document_ids=gone, metadata={}) == 0


async def test_who_deletes_the_collection_forgets_everything(memory: Memory) -> None:
    await memory.ended("r1")
    await memory.told()
    assert await memory.library.delete_collection("w1", "owner", RUN_MEMORY) == 1
    assert (await memory.known(), await memory.found(BOTH)) == ([], [])
    await memory.ended("r2")
    assert [one.seen for one in await memory.known()] == [1]


async def test_old_runs_are_forgotten(memory: Memory) -> None:
    await memory.ended("r1")
    await memory.ended("r2", at=NOON + timedelta(days=2))
    await memory.told()
    await memory.parts.runs.forget(NOON + timedelta(days=1), memory.clock.now())
    assert await memory.told() == 1
    assert ["once" in text for text in await memory.found(BOTH)] == [True]
    await memory.parts.runs.forget(NOON + KEPT, memory.clock.now())
    assert (await memory.told(), await memory.found(BOTH), await memory.known()) == (1, [], [])
