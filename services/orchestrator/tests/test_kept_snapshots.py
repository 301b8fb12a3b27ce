"""Snapshots of ended runs are given again for a small question, to those who may see the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from flowloom_contracts.runs import (
    Actor,
    Run,
    RunCommand,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    RunStatus,
)
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.records import RunRecord
from orchestrator.ports.views import FrozenDocument, PlacedStep, RunMark, RunViews
from orchestrator.testing.people import person
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases import control_runs, kept_snapshots

ANNA, BERT = person("anna", "operator"), person("bert", "owner")
TWO = workflow("s: {transform: 1}", "t: {transform: 2}")
FAILS = workflow("s: {transform: '${1/0}'}")


@dataclass
class Counting:
    """`RunViews` that counts how often whole runs are read."""

    views: RunViews
    read: list[str] = field(default_factory=list)

    async def get(self, actor: Actor, run_id: str) -> RunRecord | None:
        self.read.append(run_id)
        return await self.views.get(actor, run_id)

    async def mark(self, actor: Actor, run_id: str) -> RunMark | None:
        return await self.views.mark(actor, run_id)

    async def page(self, query: RunListQuery) -> Sequence[Run]:
        return await self.views.page(query)

    async def steps(
        self, run_id: str, *, inside: str, after: tuple[int, ...], limit: int
    ) -> Sequence[PlacedStep]:
        return await self.views.steps(run_id, inside=inside, after=after, limit=limit)

    async def source(self, run_id: str) -> FrozenDocument:
        return await self.views.source(run_id)


async def _ended(world: World, source: str = TWO, actor: Actor = ANNA, *, is_private: bool = False) -> Run:
    run = await world.start(source, actor=actor, is_private=is_private)
    await world.advance(run)
    await world.relay.settled(run.id)
    return run


async def test_reads_an_ended_run_once(stores: Stores) -> None:
    views = Counting(stores.views)
    async with a_world(replace(stores, views=views)) as world:
        run = await _ended(world)
        query = RunQuery(actor=ANNA, run_id=run.id)
        first = await world.history.snapshot(query)
        read = RunSnapshot.model_validate_json(first)
        assert (read.run.status, [step.path for step in read.steps]) == (RunStatus.SUCCEEDED, ["s", "t"])
        before = len(views.read)
        assert await world.history.snapshot(query) == first
        assert len(views.read) == before


async def test_does_not_show_a_kept_one_to_those_who_may_not_see_it(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await _ended(world, is_private=True)
        mine = await world.history.snapshot(RunQuery(actor=ANNA, run_id=run.id))
        elsewhere = ANNA.model_copy(update={"workspace_id": "another"})
        closed = ANNA.model_copy(update={"limits": {"wf-1": "none"}})
        for actor in (BERT, elsewhere, closed):
            with pytest.raises(RunNotFoundError):
                await world.history.snapshot(RunQuery(actor=actor, run_id=run.id))
        assert await world.history.snapshot(RunQuery(actor=ANNA, run_id=run.id)) == mine


async def test_forgets_what_has_changed(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await _ended(world, FAILS)
        query = RunQuery(actor=ANNA, run_id=run.id)
        first = await world.history.snapshot(query)
        assert RunSnapshot.model_validate_json(first).run.status is RunStatus.FAILED
        await control_runs.retry_run(RunCommand(actor=ANNA, run_id=run.id), controls=world.controls)
        assert (await world.snapshot(run)).run.status is not RunStatus.FAILED
        await world.advance(run)
        await world.relay.settled(run.id)
        again = await world.history.snapshot(query)
        read = RunSnapshot.model_validate_json(again)
        assert (read.run.status, read.run.attempt) == (RunStatus.FAILED, 2)
        assert await world.history.snapshot(query) == again


async def test_keeps_no_more_than_fits(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    views = Counting(stores.views)
    async with a_world(replace(stores, views=views)) as world:
        runs = [await _ended(world) for _ in range(3)]
        queries = [RunQuery(actor=ANNA, run_id=run.id) for run in runs]
        one = await world.history.snapshot(queries[0])
        monkeypatch.setattr(kept_snapshots, "MOST_BYTES", len(one) * 5 // 2)
        for query in queries:
            await world.history.snapshot(query)
        views.read.clear()
        for query in (queries[1], queries[2], queries[0]):
            await world.history.snapshot(query)
        assert views.read == [runs[0].id]
        monkeypatch.setattr(kept_snapshots, "LARGEST_BYTES", 10)
        for _ in range(2):
            await world.history.snapshot(queries[1])
        assert views.read.count(runs[1].id) == 2
