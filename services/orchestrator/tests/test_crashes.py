"""A process dies after each of its commits in turn, before it tells anybody: the next one ends the run."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from flowloom_contracts.runs import Run, RunListQuery, RunStatus, StepStatus
from flowloom_modelkit.testing.model import ScriptedModel
from orchestrator.domain.records import Committed, StoredChange
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow

CHILD = workflow("t: {transform: '${inputs.n * 2}'}", rest='outputs: {double: "${steps.t.output}"}').replace(
    "steps:", "inputs: {type: object, properties: {n: {type: integer}}}\nsteps:", 1
)
MIXED = workflow(
    'each: {loop: {over: [1, 2, 3], parallel: 2}, do: {ask: {agent: qa, prompt: "Item ${item}"},'
    ' say: {llm: default, prompt: "${steps.ask.output}"}}, output: "${steps.say.output}"}',
    "sub: {workflow: inner, inputs: {n: 21}, needs: [each]}",
    "last: {llm: default, prompt: 'Say ${steps.sub.output.double}'}",
    rest='outputs: {every: "${steps.each.output}", double: "${steps.sub.output.double}"}',
)
MOST_TURNS = 200


class Died(BaseException):
    """The process is gone; nothing of ours may catch it."""


class MortalStores(InMemoryStores):
    """Stores whose client dies right after a commit, or never with 0."""

    def __init__(self) -> None:
        super().__init__()
        self.dies_after = 0

    async def commit(self, change: StoredChange) -> Committed | None:
        """Commit, and die when it is time."""
        committed = await super().commit(change)
        if committed is not None and self.dies_after:
            self.dies_after -= 1
            if not self.dies_after:
                raise Died
        return committed


class Outside:
    """The engine and the agents, which survive: activities are delivered until they return."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str, int], str | None] = {}
        self.done = Counter[str]()

    async def turn(self, world: World, run_id: str) -> bool:
        """Do what happens in a moment; True when the run has ended."""
        run = await world.stored(run_id)
        if run.status.is_terminal:
            return True
        for step in (await world.advance(run))["start"]:
            self.open.setdefault((run_id, step["step"], step["attempt"]), step["app_id"])
        for place in [place for place in self.open if place[0] == run_id]:
            await self._deliver(world, run, *place[1:])
            del self.open[place]
        return False

    async def _deliver(self, world: World, run: Run, step: str, attempt: int) -> None:
        if self.open[run.id, step, attempt] is None:
            await world.run_local_step(run, step, attempt)
            return
        claim = await world.claim(run, step, attempt=attempt, boot=str(id(world)))
        if claim.task is not None:
            self.done[step] += 1
            await world.complete(run, step, claim.exec, text=f"answer {claim.task.prompt}")


async def _children(stores: Stores) -> list[Run]:
    page = await stores.views.page(RunListQuery(actor=ACTOR, limit=50))
    return [run for run in page if run.parent is not None]


async def _live(world: World, run_id: str, outside: Outside) -> None:
    for _ in range(MOST_TURNS):
        await world.relay.tidy()
        for child in await _children(world.stores):
            await outside.turn(world, child.id)
        if await outside.turn(world, run_id):
            return
        await asyncio.sleep(0)
    raise AssertionError("the run does not end")


def _born(stores: Stores, number: int) -> World:
    world = World(stores, model=ScriptedModel(*["ok"] * 50), boot_id=f"boot-{number}")
    world.documents.sources["inner"] = CHILD
    return world


async def _lived(dies_after: int) -> tuple[MortalStores, str, Counter[str]]:
    mortal, outside = MortalStores(), Outside()
    stores = Stores.in_memory(mortal)
    first = _born(stores, 1)
    run = await first.start(MIXED)
    mortal.dies_after = dies_after
    # Whatever the first process would still tell anybody is lost with it.
    with suppress(Died):
        await asyncio.wait_for(_live(first, run.id, outside), 20)
    mortal.dies_after = 0
    await first.stop()
    second = _born(stores, 2)
    await asyncio.wait_for(_live(second, run.id, outside), 20)
    await second.stop()
    return mortal, run.id, outside.done


@pytest.mark.parametrize("dies_after", range(26))
async def test_ends_the_same_whichever_commit_a_process_dies_after(dies_after: int) -> None:
    mortal, run_id, done = await _lived(dies_after)
    async with a_world(Stores.in_memory(mortal)) as world:
        ended = await world.stored(run_id)
        assert ended.outputs == {"every": ["ok", "ok", "ok"], "double": 42}
        assert ended.status is RunStatus.SUCCEEDED
        children = await _children(world.stores)
        assert [child.status for child in children] == [RunStatus.SUCCEEDED]
        record = await world.stores.runs.load(run_id)
        assert record is not None and not record.busy
        assert {step.status for step in record.state.steps.values()} == {StepStatus.SUCCEEDED}
        # A body may be repeated once by the death; an attempt counts once.
        assert max(done.values()) <= 2
        assert all(row.state.attempt == 1 for row in mortal.rows[run_id].steps.values())


@pytest.mark.parametrize("time", ["30s", "2h"])
async def test_a_waiting_run_is_woken_by_nothing_but_its_time(postgres_stores: Stores, time: str) -> None:
    """A long wait gives its place back; it is woken all the same when the engine has forgotten it."""
    async with a_world(postgres_stores) as world:
        run = await world.start(workflow(f"w: {{wait: {{for: {time}}}}}", "n: {transform: 1, needs: [w]}"))
        await world.advance(run)
        record = await postgres_stores.runs.load(run.id)
        assert record is not None and record.wake_at is not None
        soon = record.wake_at - timedelta(seconds=1)
        assert await postgres_stores.reaper.overdue(soon) == []
        late = record.wake_at + timedelta(seconds=20)
        assert [item.reason for item in await postgres_stores.reaper.overdue(late)] == ["still"]
