"""How fast a workspace uses models: calls beyond a minute's worth wait, in all processes together."""

from datetime import timedelta

import pytest

from flowloom_contracts.agents import BeginCall, EndCall
from flowloom_contracts.runs import Actor, Run, Usage
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.domain.paces import NO_PACE, Pace, wait_seconds
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.pace_calls import PaceReachedError

AGENT = workflow("s: {agent: research, prompt: Hi}")
HUNDRED = Pace(tokens=100)


def call(run: Run, number: int, name: str = "model") -> BeginCall:
    return BeginCall(
        run_id=run.id, step="s", attempt=1, exec=1, call=number, name=name, request_hash=str(number)
    )


async def claimed(world: World, workspace_id: str = "ws-1") -> Run:
    """Start a run whose step a worker holds."""
    run = await world.start(AGENT, actor=Actor(workspace_id=workspace_id))
    await world.advance(run)
    await world.claim(run, "s")
    return run


async def made(world: World, run: Run, number: int, usage: Usage) -> None:
    """Make a call that costs so much."""
    begun = await world.guard.begin(call(run, number))
    assert begun.outcome == "go"
    ended = EndCall(
        run_id=run.id,
        step="s",
        attempt=1,
        exec=1,
        call=number,
        request_hash=str(number),
        response="fine",
        usage=usage,
    )
    assert (await world.guard.end(ended)).outcome == "kept"


async def test_a_call_waits_until_a_minutes_worth_has_room(stores: Stores) -> None:
    clock = FakeClock()
    async with a_world(stores, pace=HUNDRED, clock=clock) as world:
        run = await claimed(world)
        await made(world, run, 0, Usage(tokens=150))
        with pytest.raises(PaceReachedError) as refused:
            await world.guard.begin(call(run, 1))
        assert refused.value.retry_after == 30
        assert (await world.guard.begin(call(run, 1, "web_fetch"))).outcome == "go", "tools cost nothing"
        clock.advance(30)
        await made(world, run, 2, Usage(tokens=50))
        with pytest.raises(PaceReachedError):
            await world.guard.begin(call(run, 3))


async def test_workspaces_do_not_wait_for_each_other(stores: Stores) -> None:
    async with a_world(stores, pace=HUNDRED, clock=FakeClock()) as world:
        run, other = await claimed(world), await claimed(world, "ws-2")
        await made(world, run, 0, Usage(tokens=150))
        await made(world, other, 0, Usage(tokens=10))


async def test_processes_count_together(stores: Stores) -> None:
    clock = FakeClock()
    async with (
        a_world(stores, pace=HUNDRED, clock=clock) as one,
        a_world(stores, pace=HUNDRED, clock=clock, boot_id="boot-2") as two,
    ):
        run = await claimed(one)
        await made(one, run, 0, Usage(tokens=60))
        await made(two, run, 1, Usage(tokens=60))
        for world in (one, two):
            with pytest.raises(PaceReachedError):
                await world.guard.begin(call(run, 2))


async def test_steps_of_our_own_are_counted_too(stores: Stores) -> None:
    clock = FakeClock()
    async with a_world(stores, model=ScriptedModel("ok"), pace=Pace(tokens=1), clock=clock) as world:
        run = await world.start(workflow("s: {llm: default, prompt: Hi}"))
        await world.advance(run)
        full_until = await stores.paces.full_until("ws-1")
        assert full_until is not None and full_until > clock.now()


async def test_without_a_limit_nothing_is_kept(stores: Stores) -> None:
    async with a_world(stores, clock=FakeClock()) as world:
        await made(world, await claimed(world), 0, Usage(tokens=10**9))
        assert await stores.paces.full_until("ws-1") is None


def test_what_costs_more_decides() -> None:
    usage = Usage(tokens=50, usd_micro=1_000)
    assert Pace(tokens=100).seconds_of(usage) == 30
    assert Pace(tokens=100, usd_micro=500).seconds_of(usage) == 120
    assert NO_PACE.seconds_of(usage) == 0


def test_a_bucket_runs_out_evenly() -> None:
    now = FakeClock().now()
    assert wait_seconds(None, now) == 0
    assert wait_seconds(now + timedelta(seconds=59), now) == 0
    assert wait_seconds(now + timedelta(seconds=75), now) == 15
