"""The queue: who waits, who goes first, and what becomes of places when runs change."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from flowloom_contracts.runs import Actor, Run, RunStatus, StepRef
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.admission import (
    ConcurrencyKeyError,
    ConcurrencyLimitError,
    Slots,
    TooManyQueuedError,
    WaitsForItselfError,
)
from orchestrator.domain.errors import IdempotencyConflictError
from orchestrator.testing.world import Stores, World, a_world, workflow

AGENT = workflow("s: {agent: qa, prompt: Hi}")
CLEANED = workflow("s: {agent: qa, prompt: Hi}", rest="on_failure: {do: {tell: {transform: gone}}}")
ASKING = workflow("s: {approval: {title: Go on?}}")
SLEEPY = workflow("s: {wait: {for: 2d}}")
StoresWith = Callable[[Slots], Stores]


def keyed(on_full: str, most: int = 1, key: str = "${inputs.customer}") -> str:
    """Return a document whose runs are counted by key."""
    limits = f'limits: {{concurrency: {{key: "{key}", max: {most}, on_full: {on_full}}}}}'
    return workflow("s: {agent: qa, prompt: Hi}", rest=limits)


async def begun(world: World, runs: list[Run]) -> list[Run]:
    """Let the relay settle and return the runs that have a driver."""
    for run in runs:
        await world.relay.settled(run.id)
    return [run for run in runs if f"{run.id}.1" in world.engine.scheduled]


async def finish(world: World, run: Run) -> None:
    """Carry the run's only step out as an agent does."""
    await world.advance(run)
    claim = await world.claim(run, "s")
    await world.complete(run, "s", claim.exec, text="done")


async def test_lets_a_run_wait_when_no_slot_is_free(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=2))) as world:
        runs = [await world.start(AGENT) for _ in range(4)]
        assert await begun(world, runs) == runs[:2]
        assert [await world.status(run) for run in runs] == [RunStatus.QUEUED] * 4
        assert await world.stores.admission.queued("ws-1", limit=10) == 2
        await world.admissions.turn()
        assert await begun(world, runs) == runs[:2]
        await finish(world, runs[0])
        await world.admissions.turn()
        assert await begun(world, runs) == runs[:3]


async def test_shows_that_accepted_runs_wait(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        _, second = [await world.start(AGENT, priority=7) for _ in range(2)]
        assert (second.status, second.priority) == (RunStatus.QUEUED, 7)
        assert [event.type for event in (await world.events(second)).items] == ["run.accepted.v1"]


async def test_puts_no_run_before_those_that_wait(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        first, second = [await world.start(AGENT) for _ in range(2)]
        await finish(world, first)
        third = await world.start(AGENT)
        assert await begun(world, [second, third]) == []
        await world.admissions.turn()
        assert await begun(world, [second, third]) == [second]


async def test_goes_by_priority_and_then_by_age(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        first = await world.start(AGENT)
        low, old, new = [await world.start(AGENT, priority=given) for given in (-5, 5, 5)]
        for expected in (old, new, low):
            await finish(world, first)
            await world.admissions.turn()
            assert await begun(world, [low, old, new]) != []
            assert expected in await begun(world, [expected])
            first = expected


async def test_limits_a_workspace_and_not_its_neighbours(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=10, per_workspace=2))) as world:
        mine = [await world.start(AGENT) for _ in range(4)]
        assert await begun(world, mine) == mine[:2]
        theirs = await world.start(AGENT, actor=Actor(workspace_id="ws-2"))
        await world.admissions.turn()
        assert await begun(world, [*mine, theirs]) == [*mine[:2], theirs]


async def test_gives_a_small_workspace_its_turn_when_another_floods(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=4))) as world:
        flood = [await world.start(AGENT) for _ in range(40)]
        few = [await world.start(AGENT, actor=Actor(workspace_id="ws-2")) for _ in range(4)]
        order = await begun(world, flood)
        while len(order) < 16:
            await finish(world, order[len(order) - 4])
            await world.admissions.turn()
            order += [run for run in await begun(world, [*few, *flood]) if run not in order]
        assert [run for run in order[:12] if run in few] == few
        assert sum(run in few for run in order[4:8]) >= 2


async def test_starves_nobody_when_everybody_queues(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=3))) as world:
        runs = [
            await world.start(AGENT, actor=Actor(workspace_id=f"ws-{number % 3}"), priority=number % 2)
            for number in range(12)
        ]
        ended: list[Run] = []
        for _ in range(12):
            run = next(run for run in await begun(world, runs) if run not in ended)
            await finish(world, run)
            ended.append(run)
            await world.admissions.turn()
        assert sorted(run.id for run in ended) == sorted(run.id for run in runs)


async def test_needs_no_slot_while_it_waits_for_a_person(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        asking, second = await world.start(ASKING), await world.start(AGENT)
        await world.advance(asking)
        assert await world.status(asking) is RunStatus.WAITING
        await world.admissions.turn()
        assert await begun(world, [second]) == [second]


async def test_needs_no_slot_while_it_waits_for_a_time_that_is_far_away(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        sleepy, second = await world.start(SLEEPY), await world.start(AGENT)
        await world.advance(sleepy)
        assert await world.status(sleepy) is RunStatus.RUNNING
        await world.admissions.turn()
        assert await begun(world, [second]) == [second]


async def test_leaves_the_queue_when_it_is_cancelled(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        first, second, third = [await world.start(AGENT) for _ in range(3)]
        assert (await world.cancel(second)).status is RunStatus.CANCELLED
        await finish(world, first)
        await world.admissions.turn()
        assert await begun(world, [second, third]) == [third]


async def test_is_killed_without_a_driver(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        await world.start(AGENT)
        second = await world.start(CLEANED)
        assert (await world.kill(second)).status is RunStatus.CANCELLED
        assert await world.stores.admission.queued("ws-1", limit=10) == 0


async def test_gets_a_driver_for_on_failure_when_it_is_cancelled_in_the_queue(
    stores_with: StoresWith,
) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        await world.start(workflow("s: {agent: qa, prompt: Hi}"))
        rest = "on_failure: {do: {tell: {agent: qa, prompt: Gone}}}"
        second = await world.start(workflow("s: {agent: qa, prompt: Hi}", rest=rest))
        await world.relay.settled(second.id)
        assert (await world.cancel(second)).status is RunStatus.CANCELLING

        async def is_driven() -> bool:
            await world.relay.tidy()
            return await begun(world, [second]) == [second]

        await wait_until(is_driven)


async def test_waits_outside_the_queue_while_it_is_paused(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        first, second, third = [await world.start(AGENT) for _ in range(3)]
        assert (await world.pause(second)).status is RunStatus.PAUSED
        await finish(world, first)
        await world.admissions.turn()
        assert await begun(world, [second, third]) == [third]
        assert (await world.resume(second)).status is RunStatus.QUEUED
        await finish(world, third)
        await world.admissions.turn()
        assert await begun(world, [second]) == [second]


async def test_waits_again_when_it_is_retried(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        first, second = await world.start(AGENT), await world.start(AGENT)
        await world.cancel(first)
        await world.admissions.turn()
        await world.retry(first)
        await world.relay.settled(first.id)
        assert f"{first.id}.2" not in world.engine.scheduled
        await finish(world, second)
        await world.admissions.turn()
        await world.relay.settled(first.id)
        assert f"{first.id}.2" in world.engine.scheduled


async def test_counts_by_key_without_holding_others_up(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=5))) as world:
        a1, a2, a3, b1 = [
            await world.start(keyed("queue"), inputs={"customer": given}) for given in ("a", "a", "a", "b")
        ]
        free = await world.start(AGENT)
        await world.admissions.turn()
        assert await begun(world, [a1, a2, a3, b1, free]) == [a1, b1, free]
        await finish(world, a1)
        await world.admissions.turn()
        assert await begun(world, [a2, a3]) == [a2]


async def test_keeps_its_key_while_it_waits_for_a_person(stores_with: StoresWith) -> None:
    asking = ASKING.replace("steps:", "limits: {concurrency: {max: 1}}\nsteps:")
    async with a_world(stores_with(Slots())) as world:
        first, second = await world.start(asking), await world.start(asking)
        await world.admissions.turn()
        await world.advance(first)
        await world.admissions.turn()
        assert await begun(world, [first, second]) == [first]


async def test_refuses_one_more_of_a_key_when_the_document_says_so(stores_with: StoresWith) -> None:
    document = keyed("reject", most=2)
    async with a_world(stores_with(Slots())) as world:
        first = await world.start(document, inputs={"customer": "acme"}, key="k")
        await world.start(document, inputs={"customer": "acme"})
        with pytest.raises(ConcurrencyLimitError, match="'acme'"):
            await world.start(document, inputs={"customer": "acme"}, key="k2")
        assert (await world.start(document, inputs={"customer": "acme"}, key="k")).id == first.id
        with pytest.raises(IdempotencyConflictError):
            await world.start(document, inputs={"customer": "b"}, key="k")
        await world.start(document, inputs={"customer": "other"})
        await world.cancel(first)
        await world.start(document, inputs={"customer": "acme"}, key="k2")


async def test_cancels_the_oldest_of_a_key_when_the_document_says_so(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots())) as world:
        first = await world.start(keyed("cancel_oldest"), inputs={"customer": "a"})
        await world.admissions.turn()
        await world.advance(first)
        second, third = [
            await world.start(keyed("cancel_oldest"), inputs={"customer": "a"}) for _ in range(2)
        ]
        await world.admissions.turn()
        assert [await world.status(run) for run in (first, second)] == [RunStatus.CANCELLED] * 2
        await world.admissions.turn()
        assert await begun(world, [second, third]) == [third]
        events = (await world.events(first)).items
        assert "A newer run" in events[-1].model_dump_json()


async def test_names_a_key_that_has_no_value(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots())) as world:
        with pytest.raises(ConcurrencyKeyError, match=r"limits\.concurrency\.key"):
            await world.start(keyed("queue"), inputs={})


async def test_needs_no_free_slot_when_another_run_waits_for_it(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots(at_once=1))) as world:
        above = await world.start(AGENT)
        waited = await world.start(AGENT, parent=StepRef(run_id=above.id, step="s"))
        detached = await world.start(AGENT, parent=StepRef(run_id=above.id, step="s"), detached=True)
        assert await begun(world, [above, waited, detached]) == [above, waited]


async def test_says_so_when_a_run_would_wait_for_itself(stores_with: StoresWith) -> None:
    async with a_world(stores_with(Slots())) as world:
        given = {"customer": "a"}
        above = await world.start(keyed("queue"), inputs=given)
        await world.admissions.turn()
        with pytest.raises(WaitsForItselfError, match="mode: detach"):
            await world.start(keyed("queue"), inputs=given, parent=StepRef(run_id=above.id, step="s"))


async def test_finds_a_start_that_a_dead_process_left_between_admission_and_schedule(
    stores_with: StoresWith,
) -> None:
    stores = stores_with(Slots(at_once=1))
    dead = World(stores)
    first, second = await dead.start(AGENT), await dead.start(AGENT)
    dead.relay.push = lambda committed: None  # type: ignore[method-assign]  # it dies with the commit
    await dead.cancel(first)
    await dead.admissions.turn()
    await dead.stop()
    async with a_world(stores) as world:

        async def is_driven() -> bool:
            await world.relay.tidy()
            return await begun(world, [second]) == [second]

        await wait_until(is_driven)


async def test_admits_what_another_process_has_queued(stores_with: StoresWith) -> None:
    stores = stores_with(Slots(at_once=1))
    async with a_world(stores) as one, a_world(replace(stores)) as other:
        first, second = await one.start(AGENT), await one.start(AGENT)
        await one.cancel(first)
        await other.admissions.turn()
        assert await begun(other, [second]) == [second]
        await one.admissions.turn()
        assert f"{second.id}.1" not in one.engine.scheduled


def test_is_a_429_when_a_workspace_has_queued_too_much() -> None:
    assert TooManyQueuedError("full", retry_after=5).problem().status == 429
