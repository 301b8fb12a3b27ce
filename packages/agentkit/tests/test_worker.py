"""A step is claimed, executed once, judged, kept and handed in, whatever happens around it."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest

from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.errors import WorkerStoppingError
from flowloom_agentkit.execution import AgentParts
from flowloom_agentkit.memory_tools import search_memory, store_note
from flowloom_agentkit.ports import StepRunner
from flowloom_agentkit.scripted import ScriptedRunner
from flowloom_agentkit.testing.memory import InMemoryNotes
from flowloom_agentkit.testing.orchestrator import InMemoryOrchestrator, Judge
from flowloom_agentkit.worker import StepWorker
from flowloom_contracts.agents import HeartbeatAnswer, MemoryUse, StepClaim, StepTask
from flowloom_contracts.base import JsonObject
from flowloom_modelkit.errors import ModelRateLimitError
from flowloom_modelkit.ports import ModelCaller, OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from flowloom_servicekit.testing.waiting import wait_until

WRITER = AgentDefinition(
    name="research", role="Analyst", goal="Find", tools=["memory.search", "memory.store"]
)
STEP: JsonObject = {"run_id": "r1", "step": "plan", "attempt": 1}


class HangingModel:
    """Says one word and then nothing until it is stopped."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.stopped: list[str | None] = []

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        on_delta("Well")
        self.started.set()
        await stop.wait()
        self.stopped.append(stop.reason)
        stop.raise_if_stopped()
        raise AssertionError("a stop raises")


class Bench:
    """An agent with fakes around it."""

    def __init__(
        self,
        task: StepTask | None = None,
        *,
        model: ModelCaller | None = None,
        runner: StepRunner | None = None,
        judge: Judge | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        self.clock = FakeClock()
        self.model = model or ScriptedModel("A fine answer.")
        self.runner = runner or ScriptedRunner()
        self.memory = InMemoryNotes(*notes)
        self.streams = InMemoryStreams()
        self.orchestrator = InMemoryOrchestrator(task or task_of(), judge=judge)
        self.announced = 0
        self.worker = self.process()

    def process(self) -> StepWorker:
        """Return a new process of the same agent."""
        parts = AgentParts(
            definition=WRITER,
            tools=(search_memory, store_note),
            runner=self.runner,
            orchestrator=self.orchestrator,
            journal=self.orchestrator.journal,
            model=self.model,
            writer=self.streams,
            memory_of=lambda workspace_id, step: self.memory,
            clock=self.clock,
            announce=self._announce,
            context_tokens=2048,
            calls_tools=False,
        )
        return StepWorker(parts, name="agent-research-0")

    async def _announce(self) -> None:
        self.announced += 1

    async def stream(self) -> "Bench":
        """Create the run's stream, as its first milestone does."""
        await self.streams.append_milestone("run:r1", 1, '{"type":"run.accepted.v1"}')
        return self

    @property
    def result(self) -> tuple[str, str | None, str | None]:
        """The one completion: status, text and code of the error."""
        (done,) = self.orchestrator.completions
        return done.status, done.text, done.error.code if done.error else None


def task_of(**fields: object) -> StepTask:
    return StepTask.model_validate(
        {"kind": "agent", "agent": "research", "prompt": "Why?", "timeout_s": 60, **fields}
    )


async def test_answers_and_hands_in_with_usage() -> None:
    bench = await Bench().stream()
    outcome = await bench.worker.run_step(STEP)
    assert outcome["status"] == "done"
    assert bench.result == ("succeeded", "A fine answer.", None)
    assert bench.orchestrator.completions[0].usage.tokens == 15
    page = await bench.streams.read("run:r1")
    assert page is not None and '"text":"A fine answer."' in page.frames[-1].text
    assert bench.announced == 1


async def test_puts_persona_and_parameters_into_the_question() -> None:
    bench = Bench(task_of(temperature=0.0, max_tokens=9))
    await bench.worker.run_step(STEP)
    (asked,) = bench.model.requests
    assert [message.content for message in asked.messages] == ["You are an analyst. Find.", "Why?"]
    assert (asked.temperature, asked.max_tokens) == (0.0, 9)


async def test_asks_again_with_the_reason_when_a_check_fails() -> None:
    model = ScriptedModel("no", "A longer answer.")
    bench = Bench(model=model, judge=lambda text: None if len(text) > 5 else "too short")
    await bench.worker.run_step(STEP)
    assert bench.result == ("succeeded", "A longer answer.", None)
    assert "too short" in (bench.model.requests[1].messages[-1].content or "")
    assert bench.orchestrator.completions[0].reasks == 1


async def test_keeps_only_the_accepted_answer_and_keeps_it_once() -> None:
    task, model = task_of(memory=MemoryUse(write="briefs")), ScriptedModel("no", "Long enough.")
    bench = Bench(task, model=model, judge=lambda text: None if len(text) > 5 else "short")
    await bench.worker.run_step(STEP)
    assert list(bench.memory.notes.values()) == [("briefs", "Long enough.")]
    assert len(bench.orchestrator.checks) == len(bench.orchestrator.completions) == 1


async def test_repeats_neither_call_nor_note_when_it_dies_before_it_hands_in() -> None:
    bench = Bench(task_of(memory=MemoryUse(read=["notes"], write="notes")), notes=["old"])

    def accept_and_go_away(_: str) -> None:
        bench.orchestrator.failures.extend([StorageUnavailableError("down")] * 100)

    bench.orchestrator.judge = accept_and_go_away
    running = asyncio.ensure_future(bench.worker.run_step(STEP))
    await wait_until(lambda: bench.memory.stores == 1)
    await bench.worker.close()
    with pytest.raises(WorkerStoppingError):
        await running
    bench.orchestrator.judge = lambda _: None
    bench.orchestrator.failures.clear()
    await bench.process().run_step(STEP)
    assert (len(bench.model.requests), len(bench.memory.searches), bench.memory.stores) == (1, 1, 2)
    assert [text for _, text in bench.memory.notes.values()] == ["old", "A fine answer."]
    done = bench.orchestrator.completions[0]
    assert (done.exec, done.usage.tokens_saved) == (2, 15)


async def test_ends_with_invalid_output_when_no_answer_is_accepted() -> None:
    bench = Bench(model=ScriptedModel("no"), judge=lambda _: "wrong")
    await bench.worker.run_step(STEP)
    assert bench.result == ("failed", None, "invalid_output")
    assert len(bench.model.requests) == 3


async def test_fails_with_the_code_of_the_call() -> None:
    bench = Bench(model=ScriptedModel(ModelRateLimitError("slow down")))
    await bench.worker.run_step(STEP)
    assert bench.result == ("failed", None, "rate_limit")


async def test_fails_as_denied_when_the_step_wants_a_tool_the_agent_lacks() -> None:
    bench = Bench(task_of(tools=["mail.send"]))
    await bench.worker.run_step(STEP)
    assert bench.result == ("failed", None, "denied")


async def test_runs_once_when_delivered_twice() -> None:
    model = HangingModel()
    bench = Bench(model=model)
    deliveries = [asyncio.ensure_future(bench.worker.run_step(STEP)) for _ in range(3)]
    await model.started.wait()
    bench.worker.stop_run("r1")
    outcomes = await asyncio.gather(*deliveries)
    assert ([o["status"] for o in outcomes], len(bench.orchestrator.claims)) == (["stopped"] * 3, 1)


async def test_stops_within_a_second_when_cancelled() -> None:
    model = HangingModel()
    bench = Bench(model=model)
    running = asyncio.ensure_future(bench.worker.run_step(STEP))
    await model.started.wait()
    bench.worker.stop_run("another")
    bench.worker.stop_run("r1")
    outcome = await asyncio.wait_for(running, 1)
    assert (outcome["status"], model.stopped, bench.orchestrator.completions) == (
        "stopped",
        ["cancelled"],
        [],
    )


async def test_stops_when_a_heartbeat_says_so() -> None:
    model = HangingModel()
    bench = Bench(model=model)
    bench.orchestrator.beat_answer = HeartbeatAnswer(ok=False, stop="superseded")
    running = asyncio.ensure_future(bench.worker.run_step(STEP))
    await model.started.wait()
    bench.clock.advance(2.1)
    assert (await asyncio.wait_for(running, 1))["status"] == "superseded"
    assert bench.orchestrator.completions == []


async def test_fails_as_timeout_when_the_deadline_passes() -> None:
    model = HangingModel()
    bench = Bench(model=model)
    bench.orchestrator.deadline_at = bench.clock.now() + timedelta(milliseconds=50)
    await asyncio.wait_for(bench.worker.run_step(STEP), 5)
    assert (bench.result, model.stopped) == (("failed", None, "timeout"), ["deadline"])


async def test_gives_the_step_back_when_the_process_ends() -> None:
    model = HangingModel()
    bench = Bench(model=model)
    running = asyncio.ensure_future(bench.worker.run_step(STEP))
    await model.started.wait()
    await bench.worker.close()
    with pytest.raises(WorkerStoppingError):
        await running
    assert bench.orchestrator.completions == []


async def test_waits_and_claims_again_while_another_worker_holds_the_step() -> None:
    bench = Bench()
    bench.orchestrator.claim_answers = [StepClaim(retry_after_s=3)]
    running = asyncio.ensure_future(bench.worker.run_step(STEP))
    await wait_until(lambda: bench.clock.sleepers == 1)
    bench.clock.advance(3)
    assert (await running)["status"] == "done"
    assert len(bench.orchestrator.claims) == 2


@pytest.mark.parametrize(
    ("claim", "status"), [(StepClaim(done=True), "done"), (StepClaim(refused="x"), "refused")]
)
async def test_does_nothing_when_the_step_is_not_given_out(claim: StepClaim, status: str) -> None:
    bench = Bench()
    bench.orchestrator.claim_answers = [claim]
    assert (await bench.worker.run_step(STEP))["status"] == status
    assert bench.model.requests == []


async def test_hands_in_again_when_the_platform_was_away() -> None:
    bench = Bench()
    bench.orchestrator.failures = [StorageUnavailableError("down"), StorageUnavailableError("down")]
    assert (await bench.worker.run_step(STEP))["status"] == "done"
    assert (len(bench.model.requests), len(bench.orchestrator.completions)) == (1, 1)


async def test_reads_notes_through_the_journal_into_the_prompt() -> None:
    bench = Bench(
        task_of(memory=MemoryUse(read=["notes"], top=2)), notes=["Bees  fly.\n", "Bees hum.", "third"]
    )
    await bench.worker.run_step(STEP)
    assert (bench.model.requests[0].messages[-1].content or "").endswith("Notes:\n- Bees fly.\n- Bees hum.")
