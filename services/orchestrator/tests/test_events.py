"""Events of users: emitted by one run, awaited by others, each at most once, however often they come."""

from datetime import timedelta

from flowloom_contracts.automation import UserEvent
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Run, RunStatus
from flowloom_contracts.topics import Topic
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow

EMITS = workflow(
    "s: {emit: {topic: parcel-sent, data: {number: 7}}}", rest="outputs: {id: '${steps.s.output.event_id}'}"
)
WAITS = workflow(
    "w: {wait: {event: {name: parcel-sent, match: '${event.data.number == inputs.number}'}}}",
    rest="inputs: {type: object, properties: {number: {type: integer}}}\noutputs: {got: '${steps.w.output}'}",
)
WAITS_TWICE = workflow(
    "a: {wait: {event: {name: tick}}}",
    "b: {needs: [a], wait: {event: {name: tick}}}",
    rest="outputs: {a: '${steps.a.output}', b: '${steps.b.output}'}",
)


def an_event(
    world: World, name: str, data: JsonValue, event_id: str = "evt_1", *, ago_s: float = 0
) -> UserEvent:
    at = world.clock.now() - timedelta(seconds=ago_s)
    return UserEvent(workspace_id=ACTOR.workspace_id, event_id=event_id, name=name, data=data, at=at)


async def tell(world: World, event: UserEvent) -> None:
    await world.events_heard.hear(event)
    await world.events_heard.deliver(older_than=world.clock.now() + timedelta(seconds=1))


async def a_waiting_run(world: World, source: str, number: int | None = None) -> Run:
    run = await world.start(source, inputs={} if number is None else {"number": number})
    await world.advance(run)
    assert await world.status(run) is RunStatus.WAITING
    await world.relay.settled(run.id)
    return run


async def outputs(world: World, run: Run) -> object:
    return (await world.get(run)).outputs


async def test_publishes_what_a_step_emits_under_the_id_of_its_output(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(EMITS)
        await world.advance(run)
        await wait_until(lambda: any(one.topic == Topic.USER_EVENTS for one in world.bus.published))
        published = next(one for one in world.bus.published if one.topic == Topic.USER_EVENTS)
        assert isinstance(published.event, UserEvent)
        assert (published.type, published.event.data) == ("parcel-sent", {"number": 7})
        assert (published.event.run_id, published.event.step) == (run.id, "s")
        assert await outputs(world, run) == {"id": published.event_id}


async def test_ends_the_waits_that_an_event_fits(stores: Stores) -> None:
    async with a_world(stores) as world:
        fitting, other = await a_waiting_run(world, WAITS, 7), await a_waiting_run(world, WAITS, 8)
        await tell(world, an_event(world, "parcel-sent", {"number": 7}))
        assert await outputs(world, fitting) == {"got": {"number": 7}}
        assert await world.status(other) is RunStatus.WAITING


async def test_wakes_the_driver_of_a_run_that_goes_on(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await a_waiting_run(world, WAITS_TWICE)
        await tell(world, an_event(world, "tick", 1))
        await world.relay.settled(run.id)
        assert (f"{run.id}.1", "signal") in world.engine.signals


async def test_passes_over_an_event_of_another_shape(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await a_waiting_run(world, WAITS, 7)
        await tell(world, an_event(world, "parcel-sent", "no number at all"))
        assert await world.status(run) is RunStatus.WAITING
        await tell(world, an_event(world, "parcel-sent", {"number": 7}, "evt_2"))
        assert await world.status(run) is RunStatus.SUCCEEDED


async def test_gives_a_run_an_event_once_when_it_comes_again(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await a_waiting_run(world, WAITS_TWICE)
        event = an_event(world, "tick", 1)
        await tell(world, event)
        for _ in range(3):
            await tell(world, event)
            await world.events_heard._offer(run.id, event)
        assert await world.status(run) is RunStatus.WAITING
        await tell(world, an_event(world, "tick", 2, "evt_2"))
        assert await outputs(world, run) == {"a": 1, "b": 2}


async def test_hears_an_event_that_came_shortly_before_the_wait(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(WAITS_TWICE)
        await tell(world, an_event(world, "tick", 1))
        await tell(world, an_event(world, "tick", 2, "evt_2"))
        await world.advance(run)

        async def is_done() -> bool:
            return await world.status(run) is RunStatus.SUCCEEDED

        await wait_until(is_done)
        assert await outputs(world, run) == {"a": 1, "b": 2}


async def test_does_not_hear_what_came_before_the_run() -> None:
    clock = FakeClock()
    async with a_world(clock=clock) as world:
        await tell(world, an_event(world, "tick", 1))
        clock.advance(1)
        run = await a_waiting_run(world, WAITS_TWICE)
        assert await world.status(run) is RunStatus.WAITING


async def test_keeps_events_of_workspaces_apart(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await a_waiting_run(world, WAITS_TWICE)
        event = an_event(world, "tick", 1)
        await tell(world, event.model_copy(update={"workspace_id": "ws-2"}))
        assert await world.status(run) is RunStatus.WAITING


async def test_delivers_what_a_process_that_died_has_left(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await a_waiting_run(world, WAITS_TWICE)
        event = an_event(world, "tick", 1)
        assert await stores.events.keep(event, now=world.clock.now() - timedelta(seconds=10))
        assert not await stores.events.keep(event, now=world.clock.now())
        await world.events_heard.deliver()
        assert (await world.step(run, "a")).output == 1
        assert await stores.events.undelivered(older_than=world.clock.now(), limit=5) == []
        await stores.events.tidy(world.clock.now())
        assert await stores.events.keep(event, now=world.clock.now())
