"""Leases and fencing: who may carry out a step, who is too late, and what bodies that run twice change."""

import asyncio
import random
from dataclasses import replace

import pytest

from flowloom_contracts.agents import MAX_REASKS, Heartbeat
from flowloom_contracts.runs import Actor, RunStatus, StepError, StepStatus
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from orchestrator.domain.errors import RunFinishedError
from orchestrator.ports.reaper import Overdue
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.work_on_steps import heartbeat_step

AGENT = workflow("s: {agent: research, prompt: Hi, retry: {max: 1, first: 10s, jitter: false}}")
CHECKED = workflow("s: {agent: research, prompt: Hi, checks: {min_chars: 5}}")
RACES = 1_000


async def test_a_claim_gives_the_task_with_its_templates_evaluated() -> None:
    async with a_world() as world:
        run = await world.start(
            workflow("t: {transform: blue}", 's: {agent: research, prompt: "Colour: ${steps.t.output}"}')
        )
        await world.advance(run)
        claim = await world.claim(run, "s")
        assert claim.task is not None
        assert (claim.exec, claim.task.prompt, claim.workspace_id) == (1, "Colour: blue", "ws-1")
        assert claim.role == "agent"


async def test_a_claim_names_the_role_of_who_started_the_run() -> None:
    async with a_world() as world:
        run = await world.start(AGENT, actor=Actor(workspace_id="ws-1", user_id="u1", roles=["viewer"]))
        await world.advance(run)
        assert (await world.claim(run, "s")).role == "viewer"


async def test_a_live_lease_is_kept_from_everybody_but_the_reborn_worker() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s", worker="w", boot="1")
        assert (await world.claim(run, "s", worker="w", boot="1")).retry_after_s is not None
        assert (await world.claim(run, "s", worker="other", boot="9")).retry_after_s is not None
        assert (await world.claim(run, "s", worker="w", boot="2")).exec == 2


async def test_an_expired_lease_is_free() -> None:
    clock = FakeClock()
    async with a_world(clock=clock) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s", worker="w")
        clock.advance(7)
        assert (await world.claim(run, "s", worker="other")).retry_after_s is not None
        clock.advance(2)
        assert (await world.claim(run, "s", worker="other")).exec == 2


async def test_a_taken_over_step_tells_viewers_to_start_its_text_again() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s", worker="w", boot="1")
        await world.claim(run, "s", worker="w", boot="2")
        last = (await world.events(run)).items[-1]
        assert last.type == "step.started.v1"
        assert last.data.exec == 2
        streams = world.streams
        assert isinstance(streams, InMemoryStreams)
        assert await streams.append_deltas(f"run:{run.id}", "s", 1, ["{}"]) is None
        assert await streams.append_deltas(f"run:{run.id}", "s", 2, ["{}"]) is not None


async def test_a_worker_that_lost_its_step_is_superseded_everywhere() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s", worker="w", boot="1")
        await world.claim(run, "s", worker="w", boot="2")
        late = Heartbeat(run_id=run.id, step="s", exec=1)
        beat = await heartbeat_step(late, runs=world.stores.runs, clock=world.clock)
        assert (beat.ok, beat.stop) == (False, "superseded")
        assert (await world.complete(run, "s", 1, text="old")).outcome == "superseded"
        assert (await world.complete(run, "s", 2, text="new")).outcome == "accepted"
        assert (await world.step(run, "s")).output == "new"


TWO_AGENTS = workflow("a: {agent: research, prompt: Hi}", 'b: {agent: qa, prompt: "${steps.a.output}"}')


async def test_the_end_of_a_step_brings_the_next_one_with_it() -> None:
    async with a_world() as world:
        run = await world.start(TWO_AGENTS)
        await world.advance(run)
        await world.claim(run, "a")
        ended = await world.complete(run, "a", 1, text="one")
        start = {"step": "b", "attempt": 1, "dispatch": 0, "app_id": "agent-qa"}
        assert ended.following == {"finished": False, "start": [start], "wake_at": None}
        assert (await world.step(run, "b")).status is StepStatus.QUEUED
        # The answer may be lost: then it comes without, and `advance` says the same.
        assert (await world.complete(run, "a", 1, text="one")).following is None
        assert await world.advance(run) == ended.following
        await world.claim(run, "b")
        assert (await world.complete(run, "b", 1, text="two")).following == {
            "finished": True,
            "start": [],
            "wake_at": None,
        }
        assert await world.status(run) is RunStatus.SUCCEEDED


async def test_the_end_of_a_step_leaves_an_llm_step_to_advance() -> None:
    async with a_world() as world:
        llm = 'b: {llm: default, prompt: "${steps.a.output}"}'
        run = await world.start(workflow("a: {agent: research, prompt: Hi}", llm))
        await world.advance(run)
        await world.claim(run, "a")
        assert (await world.complete(run, "a", 1, text="one")).following is None
        assert (await world.step(run, "b")).status is StepStatus.PENDING
        assert (await world.advance(run))["finished"]


async def test_the_end_of_a_step_brings_the_time_of_a_retry_with_it() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        error = StepError(code="upstream", message="away")
        ended = await world.complete(run, "s", 1, error=error)
        assert ended.following is not None
        assert (ended.following["start"], ended.following["wake_at"] is None) == ([], False)


async def test_a_completion_that_comes_twice_is_accepted_once() -> None:
    stores = InMemoryStores()
    async with a_world(Stores.in_memory(stores)) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s")
        for _ in range(2):
            answer = await world.complete(run, "s", claim.exec, text="found", tokens=9)
            assert (answer.outcome, answer.output) == ("accepted", "found")
        assert (await world.claim(run, "s")).done
        assert (await world.get(run)).usage.tokens == 9
        finished = [event for event in stores.events(run.id) if event.type == "step.finished.v1"]
        assert len(finished) == 1


async def test_a_failed_check_is_asked_again_so_often_and_no_oftener() -> None:
    async with a_world() as world:
        run = await world.start(CHECKED)
        await world.advance(run)
        claim = await world.claim(run, "s")
        for reasks in range(MAX_REASKS):
            answer = await world.complete(run, "s", claim.exec, text="no", reasks=reasks)
            assert answer.outcome == "reask"
            assert answer.reason == "The answer must be at least 5 characters, it has 2."
        await world.complete(run, "s", claim.exec, text="no", reasks=MAX_REASKS)
        error = (await world.step(run, "s")).error
        assert error is not None
        assert error.code == "invalid_output"


async def test_a_failed_attempt_is_followed_by_the_next_one() -> None:
    clock = FakeClock()
    async with a_world(clock=clock) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s")
        await world.complete(run, "s", claim.exec, error=StepError(code="upstream", message="gone"))
        assert (await world.step(run, "s")).status is StepStatus.RETRYING
        clock.advance(10)
        answer = await world.advance(run)
        assert [start["attempt"] for start in answer["start"]] == [2]
        assert (await world.claim(run, "s", attempt=1)).refused == "superseded"
        second = await world.claim(run, "s", attempt=2)
        assert second.exec == 2
        await world.complete(run, "s", second.exec, text="found")
        assert await world.status(run) is RunStatus.SUCCEEDED


async def test_nothing_is_claimed_after_a_cancel() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s")
        assert (await world.cancel(run)).status is RunStatus.CANCELLED
        assert (await world.cancel(run)).status is RunStatus.CANCELLED
        assert (await world.claim(run, "s")).refused is not None
        beat = Heartbeat(run_id=run.id, step="s", exec=claim.exec or 0)
        assert (await heartbeat_step(beat, runs=world.stores.runs, clock=world.clock)).stop == "cancelled"
        assert (await world.complete(run, "s", claim.exec, text="late")).outcome == "superseded"
        events = (await world.events(run)).items
        assert events[-1].type == "run.finished.v1"
        streams = world.streams
        assert isinstance(streams, InMemoryStreams)
        assert await streams.append_deltas(f"run:{run.id}", "s", claim.exec or 0, ["{}"]) is None


async def test_a_run_that_has_ended_cannot_be_cancelled() -> None:
    async with a_world() as world:
        run = await world.start(workflow("t: {transform: 1}"))
        await world.advance(run)
        with pytest.raises(RunFinishedError):
            await world.cancel(run)


async def _race(world: World, order: random.Random) -> tuple[RunStatus, list[str]]:
    run = await world.start(workflow("s: {agent: research, prompt: Hi}"))
    await world.advance(run)
    claim = await world.claim(run, "s")
    contenders = [
        world.complete(run, "s", claim.exec, text="found"),
        world.complete(run, "s", claim.exec, text="found"),
        world.cancel(run),
        world.advance(run),
    ]
    order.shuffle(contenders)
    await asyncio.gather(*contenders, return_exceptions=True)
    stores = world.stores.runs
    assert isinstance(stores, InMemoryStores)
    return await world.status(run), [event.type for event in stores.events(run.id)]


async def test_a_cancel_that_races_completions_leaves_one_end() -> None:
    order, ends = random.Random(7), set[RunStatus]()
    stores = InMemoryStores()
    async with a_world(Stores.in_memory(stores)) as world:
        for _ in range(RACES):
            status, types = await _race(world, order)
            ends.add(status)
            assert types.count("run.finished.v1") == 1
            assert types[-1] == "run.finished.v1"
            assert types.count("step.finished.v1") == 1
    assert ends == {RunStatus.SUCCEEDED, RunStatus.CANCELLED}


async def test_judging_an_answer_changes_nothing() -> None:
    async with a_world() as world:
        run = await world.start(
            workflow("s: {agent: research, prompt: Hi, checks: {min_chars: 5}, memory: {write: notes}}")
        )
        await world.advance(run)
        held = (await world.claim(run, "s")).exec
        asked = [
            (await world.complete(run, "s", held, text=text, reasks=reasks, check_only=True)).outcome
            for text, reasks in (("no", 0), ("no", MAX_REASKS), ("a long answer", 0), ("a long answer", 0))
        ]
        assert asked == ["reask", "rejected", "accepted", "accepted"]
        assert (await world.step(run, "s")).status is StepStatus.RUNNING
        assert (await world.complete(run, "s", held, text="a long answer")).outcome == "accepted"
        assert (await world.step(run, "s")).status is StepStatus.SUCCEEDED


async def test_two_processes_cannot_both_complete_a_step() -> None:
    stores, streams = InMemoryStores(), InMemoryStreams()
    parts = {"streams": streams}
    async with (
        a_world(Stores.in_memory(stores), **parts) as one,
        a_world(Stores.in_memory(stores), **parts) as two,
    ):
        run = await one.start(AGENT)
        await one.advance(run)
        claims = await asyncio.gather(
            one.claim(run, "s", worker="a"), two.claim(run, "s", worker="b"), two.claim(run, "s", worker="c")
        )
        assert sorted(claim.exec or 0 for claim in claims) == [0, 0, 1]


async def _overdue(world: World, item: Overdue) -> None:
    stores = world.stores.runs
    assert isinstance(stores, InMemoryStores)
    stores.overdue_next = [item]
    await world.reap()


async def test_an_attempt_past_its_deadline_ends_with_timeout() -> None:
    async with a_world() as world:
        run = await world.start(workflow("s: {agent: research, prompt: Hi}"))
        await world.advance(run)
        claim = await world.claim(run, "s")
        await _overdue(world, Overdue(run.id, "deadline", "s", claim.exec or 0))
        assert (await world.advance(run))["finished"]
        error = (await world.get(run)).error
        assert error is not None
        assert (error.code, error.step) == ("timeout", "s")


async def test_a_lost_step_is_handed_out_again_under_another_dispatch() -> None:
    clock = FakeClock()
    async with a_world(clock=clock) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        assert (await world.advance(run))["start"] == []
        clock.advance(30)
        await _overdue(world, Overdue(run.id, "lost", "s", 1))
        await world.relay.settled(run.id)
        assert world.engine.signals == [(f"{run.id}.1", "signal")]
        start = (await world.advance(run))["start"]
        assert [(item["attempt"], item["dispatch"]) for item in start] == [(1, 1)]
        assert (await world.claim(run, "s", worker="other")).exec == 2


async def test_a_driver_that_does_not_wake_is_replaced() -> None:
    async with a_world() as world:
        run = await world.start(AGENT)
        for _ in range(3):
            await _overdue(world, Overdue(run.id, "still"))
            await world.relay.settled(run.id)
        assert list(world.engine.scheduled) == [f"{run.id}.1", f"{run.id}.1.1"]


async def test_a_step_that_kills_its_workers_is_given_up_and_hurts_no_other() -> None:
    """F28: quarantined after three workers."""
    async with a_world() as world:
        run, other = [await world.start(workflow("s: {agent: research, prompt: Hi}")) for _ in range(2)]
        await world.advance(run)
        await world.advance(other)
        for boot in range(3):
            assert (await world.claim(run, "s", worker="w", boot=str(boot))).exec == boot + 1
        assert (await world.claim(run, "s", worker="w", boot="last")).refused == "internal"
        record = await world.stores.runs.load(run.id)
        assert record is not None
        assert replace(record.execution("s"), exec=0).worker is None
        assert (await world.advance(run))["finished"]
        assert await world.status(run) is RunStatus.FAILED
        claim = await world.claim(other, "s", worker="w", boot="last")
        await world.complete(other, "s", claim.exec, text="fine")
        assert (await world.advance(other))["finished"]
        assert await world.status(other) is RunStatus.SUCCEEDED
