"""Local steps beside each other in one `advance`: together where it can be, each for itself where it must."""

import asyncio

import pytest

from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_modelkit.errors import ModelUnavailableError
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.carry_steps import MAX_BESIDE


def fan(width: int, *more: str) -> str:
    """A step, `width` beside each other and one that joins them."""
    names = [f"w{n}" for n in range(width)]
    beside = [f'{name}: {{llm: default, prompt: "{name} ${{steps.first.output}}"}}' for name in names]
    joined = ", ".join(f"${{steps.{name}.output}}" for name in names)
    return workflow(
        "first: {llm: default, prompt: begin}",
        *beside,
        *more,
        f'last: {{llm: default, prompt: "join {joined}"}}',
        rest='outputs: {last: "${steps.last.output}"}',
    )


class GatedModel:
    """Answers at once, but keeps the prompts of some steps waiting until it is let go."""

    def __init__(self, *held: str) -> None:
        self.held = {name: asyncio.Event() for name in held}
        self.calls: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.most = self.running = 0

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Answer with the first word of the prompt."""
        name = str(request.messages[-1].content).split()[0]
        self.calls.append(name)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            with stop.interrupting():
                await (self.held[name].wait() if name in self.held else asyncio.sleep(0))
        finally:
            self.running -= 1
        if name in self.failing:
            raise self.failing.pop(name)
        return ModelAnswer(text=name, prompt_tokens=1)


async def test_carries_out_a_fan_in_one_call() -> None:
    model = GatedModel()
    async with a_world(model=model) as world:
        run = await world.start(fan(20))
        assert await world.advance(run) == {"finished": True, "start": [], "wake_at": None}
        assert (await world.get(run)).outputs == {"last": "join"}
        assert (model.most, len(model.calls)) == (20, 22)


async def test_stores_ends_that_come_together_in_one_transaction() -> None:
    stores = InMemoryStores()
    async with a_world(Stores.in_memory(stores), model=GatedModel()) as world:
        run = await world.start(fan(20))
        await world.advance(run)
        assert stores.commits < 12
        assert stores.loads == 0


async def test_tells_of_each_step_in_its_own_order() -> None:
    async with a_world(model=GatedModel()) as world:
        run = await world.start(fan(3))
        await world.advance(run)
        events = (await world.events(run)).items
        for name in ("w0", "w1", "w2"):
            kinds = [event.type for event in events if getattr(event, "step", None) == name]
            assert kinds == ["step.started.v1", "model.called.v1", "step.finished.v1"]
        assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_lets_a_chain_go_on_beside_a_call_that_takes_long() -> None:
    model = GatedModel("slow")
    source = workflow(
        "a: {llm: default, prompt: slow}",
        "b: {llm: default, prompt: quick}",
        'c: {llm: default, prompt: "after ${steps.b.output}"}',
    )
    async with a_world(model=model) as world:
        run = await world.start(source)
        advancing = asyncio.create_task(world.advance(run))
        await wait_until(lambda: "after" in model.calls)
        model.held["slow"].set()
        assert (await advancing)["finished"]


async def test_takes_no_more_than_there_is_room_for() -> None:
    model = GatedModel()
    async with a_world(model=model) as world:
        run = await world.start(fan(MAX_BESIDE + 9))
        assert (await world.advance(run))["finished"]
        assert model.most == MAX_BESIDE


async def test_retries_one_step_while_another_goes_on() -> None:
    model, clock = GatedModel("slow"), FakeClock()
    model.failing["weak"] = ModelUnavailableError("down")
    source = workflow(
        "a: {llm: default, prompt: slow}",
        "b: {llm: default, prompt: weak, retry: {max: 1, first: 10s, jitter: false}}",
    )
    async with a_world(model=model, clock=clock) as world:
        run = await world.start(source)
        advancing = asyncio.create_task(world.advance(run))
        await wait_until(lambda: model.calls.count("weak") == 1)

        def is_retried() -> bool:
            clock.advance(3)
            return model.calls.count("weak") == 2

        await wait_until(is_retried)
        model.held["slow"].set()
        assert (await advancing)["finished"]
        assert (await world.step(run, "b")).attempt == 2


async def test_stops_the_others_when_one_fails() -> None:
    model = GatedModel("slow")
    model.failing["weak"] = ModelUnavailableError("down")
    source = workflow("a: {llm: default, prompt: slow}", "b: {llm: default, prompt: weak}")
    async with a_world(model=model) as world:
        run = await world.start(source)
        assert (await asyncio.wait_for(world.advance(run), 5))["finished"]
        assert (await world.status(run)) is RunStatus.FAILED
        assert (await world.step(run, "a")).status is StepStatus.CANCELLED


async def test_cancel_ends_all_of_them() -> None:
    model = GatedModel("w0", "w1", "w2")
    async with a_world(model=model) as world:
        run = await world.start(fan(3))
        advancing = asyncio.create_task(world.advance(run))
        await wait_until(lambda: model.running == 3)
        await world.cancel(run)
        assert (await asyncio.wait_for(advancing, 5))["finished"]
        assert (await world.status(run)) is RunStatus.CANCELLED


async def test_a_pause_lets_running_steps_end_and_starts_none() -> None:
    model = GatedModel("w0")
    async with a_world(model=model) as world:
        run = await world.start(fan(2))
        advancing = asyncio.create_task(world.advance(run))
        await wait_until(lambda: model.calls.count("w1") == 1 and model.running == 1)
        await world.pause(run)
        model.held["w0"].set()
        assert not (await asyncio.wait_for(advancing, 5))["finished"]
        assert (await world.step(run, "w0")).status is StepStatus.SUCCEEDED
        await world.resume(run)
        assert (await world.advance(run))["finished"]


async def test_a_second_process_goes_on_with_what_a_dead_one_has_left() -> None:
    stores, model = InMemoryStores(), GatedModel("w0", "w1")
    dying = World(Stores.in_memory(stores), model=model)
    run = await dying.start(fan(3))
    advancing = asyncio.create_task(dying.advance(run))
    await wait_until(lambda: model.running == 2 and model.calls.count("w2") == 1)

    async def has_ended() -> bool:
        return (await dying.step(run, "w2")).status is StepStatus.SUCCEEDED

    await wait_until(has_ended)
    advancing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await advancing
    again = ScriptedModel("x")
    async with a_world(
        Stores.in_memory(stores), model=again, streams=dying.streams, boot_id="boot-2"
    ) as other:
        assert (await other.advance(run))["finished"]
        prompts = [str(request.messages[-1].content).split()[0] for request in again.requests]
        assert sorted(prompts) == ["join", "w0", "w1"]
    await dying.stop()


async def test_raises_what_a_step_has_raised_when_the_others_have_ended() -> None:
    model = GatedModel("slow")
    model.failing["weak"] = RuntimeError("a bug")
    source = workflow("a: {llm: default, prompt: slow}", "b: {llm: default, prompt: weak}")
    async with a_world(model=model) as world:
        run = await world.start(source)
        advancing = asyncio.create_task(world.advance(run))
        await wait_until(lambda: "weak" in model.calls and model.running == 1)
        model.held["slow"].set()
        with pytest.raises(RuntimeError, match="a bug"):
            await asyncio.wait_for(advancing, 5)
        assert (await world.step(run, "a")).status is StepStatus.SUCCEEDED
        assert model.calls.count("weak") == 1


async def test_keeps_an_answer_until_it_can_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    model, clock = GatedModel(), FakeClock()
    async with a_world(model=model, clock=clock) as world:
        run = await world.start(workflow("s: {llm: default, prompt: once}"))
        stored, refusals = world.gate.change, 0

        async def change(*request: object, **more: object) -> object:
            nonlocal refusals
            if model.calls and refusals < 9:
                refusals += 1
                raise StorageUnavailableError("the disk is full")
            return await stored(*request, **more)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(world.gate, "change", change)
        advancing = asyncio.create_task(world.advance(run))

        def has_ended() -> bool:
            clock.advance(1)
            return advancing.done()

        await wait_until(has_ended)
        assert (await advancing)["finished"]
        assert (refusals, model.calls) == (9, ["once"])


async def test_begins_a_step_again_when_its_journal_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    model, clock = GatedModel(), FakeClock()
    async with a_world(model=model, clock=clock) as world:
        run = await world.start(workflow("s: {llm: default, prompt: once}"))
        carried_out, refusals = world.runner.run, 0

        async def run_it(*request: object, **more: object) -> None:
            nonlocal refusals
            refusals += 1
            if refusals < 9:
                raise StorageUnavailableError("Postgres is away")
            await carried_out(*request, **more)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(world.runner, "run", run_it)
        advancing = asyncio.create_task(world.advance(run))

        def has_ended() -> bool:
            clock.advance(1)
            return advancing.done()

        await wait_until(has_ended)
        assert (await world.status(run)) is RunStatus.SUCCEEDED


async def test_hands_steps_out_where_an_agent_works_beside_them() -> None:
    async with a_world() as world:
        run = await world.start(
            workflow(
                "a: {agent: research, prompt: Hi}",
                "b: {llm: default, prompt: Hi}",
                "c: {llm: default, prompt: Ho}",
            )
        )
        assert [step["step"] for step in (await world.advance(run))["start"]] == ["a", "b", "c"]
