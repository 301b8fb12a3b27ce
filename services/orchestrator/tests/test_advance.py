"""`advance` in one process: what it carries out, what it hands out, what a second delivery finds."""

import asyncio

import pytest

from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_modelkit.errors import ModelUnavailableError
from flowloom_modelkit.ports import OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import Stores, World, a_world, workflow

CHAIN = workflow(
    *(f's{i}: {{llm: default, prompt: "Say ${{steps.s{i - 1}.output}}"}}' for i in range(2, 6)),
    's1: {llm: default, prompt: "Say it"}',
    rest='outputs: {last: "${steps.s5.output}"}',
)


async def test_carries_out_a_chain_of_llm_steps_in_one_call() -> None:
    model = ScriptedModel("a", "b", "c", "d", "e")
    async with a_world(model=model) as world:
        run = await world.start(CHAIN)
        answer = await world.advance(run)
        assert answer == {"finished": True, "start": [], "wake_at": None}
        ended = await world.get(run)
        assert (ended.status, ended.outputs) == (RunStatus.SUCCEEDED, {"last": "e"})
        assert [request.messages[-1].content for request in model.requests][1:3] == ["Say a", "Say b"]
        assert ended.usage.tokens == 75


async def test_stores_each_step_of_a_chain_in_one_transaction() -> None:
    stores = InMemoryStores()
    async with a_world(Stores.in_memory(stores)) as world:
        run = await world.start(CHAIN)
        await world.advance(run)
        assert stores.commits == 6
        assert stores.loads == 0


async def test_tells_of_a_run_in_order() -> None:
    async with a_world() as world:
        run = await world.start(workflow("s1: {llm: default, prompt: Hi}"))
        await world.advance(run)
        page = await world.events(run)
        assert [event.type for event in page.items] == [
            "run.accepted.v1",
            "run.started.v1",
            "step.started.v1",
            "step.delta.v1",
            "model.called.v1",
            "step.finished.v1",
            "run.finished.v1",
        ]
        assert [event.seq for event in page.items] == list(range(1, 8))
        assert page.next_cursor is None


async def test_hands_out_agent_steps_with_their_app_id() -> None:
    async with a_world() as world:
        run = await world.start(workflow("a: {agent: research, prompt: Hi}", "b: {llm: default, prompt: Hi}"))
        answer = await world.advance(run)
        assert answer["start"] == [
            {"step": "a", "attempt": 1, "dispatch": 0, "app_id": "agent-research"},
            {"step": "b", "attempt": 1, "dispatch": 0, "app_id": None},
        ]
        again = await world.advance(run)
        assert again["start"] == answer["start"]


async def test_runs_a_local_step_beside_an_agent_step() -> None:
    async with a_world() as world:
        run = await world.start(workflow("a: {agent: research, prompt: Hi}", "b: {llm: default, prompt: Hi}"))
        await world.advance(run)
        assert await world.run_local_step(run, "b") == "done"
        assert await world.run_local_step(run, "b") == "done"
        claim = await world.claim(run, "a")
        await world.complete(run, "a", claim.exec, text="found")
        assert (await world.advance(run))["finished"]
        assert await world.status(run) is RunStatus.SUCCEEDED


async def test_computes_pure_steps_and_switches_without_a_worker() -> None:
    async with a_world() as world:
        run = await world.start(
            workflow(
                "n: {transform: {x: 3}}",
                'route: {switch: [{when: "${steps.n.output.x > 2}", then: big}, {else: small}]}',
                "big: {transform: large}",
                "small: {transform: little}",
                rest='outputs: {size: "${default(steps.big.output, steps.small.output)}"}',
            )
        )
        assert (await world.advance(run))["finished"]
        assert (await world.get(run)).outputs == {"size": "large"}
        assert (await world.step(run, "small")).status is StepStatus.SKIPPED


async def test_says_when_to_look_again_when_a_step_waits() -> None:
    async with a_world() as world:
        run = await world.start(workflow("w: {wait: {for: 1h}}"))
        answer = await world.advance(run)
        assert not answer["finished"]
        assert answer["wake_at"] is not None
        assert (await world.step(run, "w")).status is StepStatus.WAITING


async def test_asks_again_with_the_reason_when_a_check_fails() -> None:
    model = ScriptedModel("no", "a longer answer")
    async with a_world(model=model) as world:
        run = await world.start(workflow("s: {llm: default, prompt: Hi, checks: {min_chars: 5}}"))
        await world.advance(run)
        assert (await world.step(run, "s")).output == "a longer answer"
        assert "at least 5 characters" in str(model.requests[1].messages[-1].content)
        assert (await world.get(run)).usage.tokens == 30
        types = [event.type for event in (await world.events(run)).items]
        assert types.count("model.called.v1") == 2


async def test_fails_with_invalid_output_when_no_answer_passes() -> None:
    async with a_world(model=ScriptedModel("no")) as world:
        run = await world.start(workflow("s: {llm: default, prompt: Hi, checks: {min_chars: 5}}"))
        await world.advance(run)
        ended = await world.get(run)
        assert ended.error is not None
        assert (ended.status, ended.error.code, ended.error.step) == (RunStatus.FAILED, "invalid_output", "s")


async def test_retries_a_dead_endpoint_as_the_step_says() -> None:
    model = ScriptedModel(ModelUnavailableError("down"), "up again")
    clock = FakeClock()
    async with a_world(model=model, clock=clock) as world:
        run = await world.start(workflow("s: {llm: default, prompt: Hi, retry: {max: 1, first: 10s}}"))
        answer = await world.advance(run)
        assert answer["wake_at"] is not None
        assert (await world.step(run, "s")).status is StepStatus.RETRYING
        assert not (await world.advance(run))["finished"]
        clock.advance(10)
        assert (await world.advance(run))["finished"]
        step = await world.step(run, "s")
        assert (step.output, step.attempt) == ("up again", 2)


async def test_fails_with_the_code_of_the_endpoint_when_there_is_no_retry() -> None:
    async with a_world(model=ScriptedModel(ModelUnavailableError("down"))) as world:
        run = await world.start(workflow("s: {llm: default, prompt: Hi}"))
        await world.advance(run)
        assert (await world.get(run)).error is not None
        assert (await world.get(run)).error.code == "upstream"  # type: ignore[union-attr]  # asserted above


async def test_fails_with_expression_when_a_prompt_cannot_be_evaluated() -> None:
    async with a_world() as world:
        run = await world.start(
            workflow("t: {transform: {a: 1}}", 's: {llm: default, prompt: "${steps.t.output.b}"}')
        )
        await world.advance(run)
        error = (await world.get(run)).error
        assert error is not None
        assert (error.code, error.step) == ("expression", "s")


class StuckModel:
    """Says one word and then nothing."""

    def __init__(self) -> None:
        self.asked = 0

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Wait for the stop."""
        self.asked += 1
        on_delta("hm")
        await stop.wait()
        stop.raise_if_stopped()
        raise AssertionError


async def test_ends_with_timeout_when_the_model_says_nothing() -> None:
    async with a_world(model=StuckModel()) as world:
        run = await world.start(workflow("s: {llm: default, prompt: Hi, timeout: 50ms}"))
        await world.advance(run)
        error = (await world.get(run)).error
        assert error is not None
        assert error.code == "timeout"


async def test_a_cancel_stops_the_call_that_advance_waits_for() -> None:
    model = StuckModel()
    async with a_world(model=model) as world:
        run = await world.start(
            workflow("s: {llm: default, prompt: Hi}", 't: {transform: "${steps.s.output}"}')
        )
        advancing = asyncio.create_task(world.advance(run))
        await wait_until(lambda: model.asked == 1)
        cancelled = await world.cancel(run)
        assert cancelled.status is RunStatus.CANCELLED
        assert (await asyncio.wait_for(advancing, 1))["finished"]
        assert world.channel.cancelled == [run.id]
        types = [event.type for event in (await world.events(run)).items]
        assert types[-4:] == [
            "run.cancelling.v1",
            "step.finished.v1",
            "step.skipped.v1",
            "run.finished.v1",
        ]


async def test_a_second_delivery_waits_and_finds_the_run_finished() -> None:
    model = ScriptedModel("a")
    async with a_world(model=model) as world:
        run = await world.start(CHAIN)
        answers = await asyncio.gather(world.advance(run), world.advance(run))
        assert [answer["finished"] for answer in answers] == [True, True]
        assert len(model.requests) == 5


class DyingModel:
    """Answers once, then the process dies in the second call."""

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Answer the first prompt only."""
        if str(request.messages[-1].content) != "Say it":
            raise asyncio.CancelledError
        return ModelAnswer(text="first", prompt_tokens=1)


async def test_goes_on_where_a_dead_process_stopped() -> None:
    stores, model = InMemoryStores(), ScriptedModel("b", "c", "d", "e")
    dying = World(Stores.in_memory(stores), model=DyingModel())
    run = await dying.start(CHAIN)
    with pytest.raises(asyncio.CancelledError):
        await dying.advance(run)
    async with a_world(
        Stores.in_memory(stores), model=model, streams=dying.streams, boot_id="boot-2"
    ) as world:
        assert (await world.advance(run))["finished"]
        assert len(model.requests) == 4
        assert (await world.step(run, "s1")).output == "first"
        assert (await world.step(run, "s2")).attempt == 1
    await dying.stop()
