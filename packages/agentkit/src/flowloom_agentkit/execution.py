"""One execution of one attempt of a step: from the claim to the result, with heartbeat, deadline and stop."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.errors import ToolDeniedError, ToolFailedError, WorkerStoppingError
from flowloom_agentkit.ports import Assignment, Orchestrator, StepRunner
from flowloom_agentkit.prompts import notes_of, question_of
from flowloom_agentkit.tools import AgentMemory, AgentTool, ToolContext
from flowloom_contracts.agents import (
    HEARTBEAT_SECONDS,
    CompleteStep,
    Heartbeat,
    RunStepOutcome,
    StepCompletion,
    StepTask,
)
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import StepError, Usage
from flowloom_modelkit.deltas import DeltaBatcher, DeltaWriter
from flowloom_modelkit.errors import CallStoppedError, ModelFailure, step_error
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.ports import CallJournal, ModelCaller
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import RemoteProblemError, UpstreamError

log = structlog.get_logger(__name__)

UNWIND_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class AgentParts:
    """What all executions of one agent share."""

    definition: AgentDefinition
    tools: tuple[AgentTool, ...]
    runner: StepRunner
    orchestrator: Orchestrator
    journal: CallJournal
    model: ModelCaller
    writer: DeltaWriter
    memory_of: Callable[[str, StepRef], AgentMemory]
    clock: Clock
    announce: Callable[[], Awaitable[None]]
    context_tokens: int
    calls_tools: bool


class StepExecution:
    """Runs one claimed step; `stop` ends it from outside."""

    def __init__(self, parts: AgentParts, step: StepRef, task: StepTask, memory: AgentMemory) -> None:
        self._parts = parts
        self._step = step
        self._task = task
        self._memory = memory
        self.stop = StopSignal()
        self._calls = JournaledCalls(parts.journal, step, self.stop)
        self._model = JournaledModel(parts.model, self._calls)
        self._deltas = DeltaBatcher(parts.writer, step, self.stop)

    async def run(self, *, seconds_left: float) -> RunStepOutcome:
        """Return how it ended; raises an `UpstreamError` when the engine should give the step out again."""
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(seconds_left, self.stop.stop, "deadline")
        heartbeat = asyncio.ensure_future(self._beat())
        attempt = asyncio.ensure_future(self._attempt())
        stopped = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({attempt, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not attempt.done():
                # The call closes its connection by itself; whatever else hangs is cancelled.
                await asyncio.wait({attempt}, timeout=UNWIND_SECONDS)
            if not attempt.done():
                attempt.cancel()
                await asyncio.wait({attempt})
            return await self._ended(attempt)
        finally:
            alarm.cancel()
            for task in (heartbeat, attempt, stopped):
                task.cancel()
            await asyncio.gather(heartbeat, attempt, stopped, return_exceptions=True)

    async def _ended(self, attempt: asyncio.Task[StepCompletion]) -> RunStepOutcome:
        error = None if attempt.cancelled() else attempt.exception()
        if not attempt.cancelled() and error is None:
            completion = attempt.result()
            return RunStepOutcome(status="superseded" if completion.outcome == "superseded" else "done")
        if attempt.cancelled() or isinstance(error, CallStoppedError):
            return await self._stopped()
        if isinstance(error, ModelFailure):
            log.info("a step failed", step=self._step.step, run_id=self._step.run_id, error=str(error))
            return await self._failed(step_error(error))
        if isinstance(error, RemoteProblemError) and error.is_callers_fault:
            return await self._failed(StepError(code="internal", message=f"the platform refused: {error}"))
        raise error or WorkerStoppingError()

    async def _stopped(self) -> RunStepOutcome:
        reason = self.stop.reason
        if reason == "deadline":
            seconds = f"{self._task.timeout_s:g}"
            return await self._failed(StepError(code="timeout", message=f"no answer within {seconds} s"))
        if reason == "superseded":
            return RunStepOutcome(status="superseded")
        if reason == "cancelled":
            return RunStepOutcome(status="stopped")
        raise WorkerStoppingError()

    async def _attempt(self) -> StepCompletion:
        notes = await self._notes()
        remark: str | None = None
        reasks = 0
        while True:
            text = await self._parts.runner.run(self._assignment(notes, remark))
            completion = await self._hand_in(text, reasks)
            if completion.outcome != "reask":
                return completion
            remark, reasks = completion.reason or "it does not fit", reasks + 1
            self._deltas.part()

    async def _hand_in(self, text: str, reasks: int) -> StepCompletion:
        """Complete with a text; where the step says so, it is kept in memory before.

        The order is: judge, keep under an effect key, complete. A crash in between repeats it harmlessly, and
        an answer that was refused is never kept.
        """
        await self._deltas.close()
        complete = CompleteStep(
            **self._ids(), status="succeeded", text=text, usage=self._calls.usage, reasks=reasks
        )
        collection = self._task.memory.write if self._task.memory is not None else None
        if collection is None or not text.strip():
            return await self._complete(complete)
        verdict = await self._complete(complete.model_copy(update={"check_only": True}))
        if verdict.outcome == "rejected":
            # Nothing is kept; the orchestrator ends the attempt with the code of what is wrong.
            return await self._complete(complete)
        if verdict.outcome != "accepted":
            return verdict
        key = self._write_key()
        await until_available(
            lambda: self._memory.store(text, collection=collection, effect_key=key), stop=self.stop
        )
        return await self._complete(complete)

    def _assignment(self, notes: list[str], remark: str | None) -> Assignment:
        question = question_of(
            self._task,
            persona=self._parts.definition.persona,
            notes=notes,
            remark=remark,
            context_tokens=self._parts.context_tokens,
        )
        return Assignment(question=question, tools=self._allowed_tools(), ask=self._ask, use=self._use)

    def _allowed_tools(self) -> tuple[AgentTool, ...]:
        wanted = self._task.tools
        offered = {tool.name: tool for tool in self._parts.tools}
        for name in wanted or []:
            if name not in offered:
                raise ToolDeniedError(f"{self._parts.definition.name!r} has no tool {name!r}")
        if not self._parts.calls_tools:
            return ()
        return self._parts.tools if wanted is None else tuple(offered[name] for name in wanted)

    async def _ask(self, request: ModelRequest) -> ModelAnswer:
        return await self._model.stream(request, on_delta=self._deltas.add, stop=self.stop)

    async def _use(self, tool: AgentTool, arguments: JsonObject) -> JsonValue:
        async def call(effect_key: str) -> tuple[JsonValue, Usage]:
            context = ToolContext(memory=self._memory, effect_key=effect_key)
            try:
                result = await until_available(lambda: tool.call(context, arguments), stop=self.stop)
            except RemoteProblemError as error:
                # The model can choose other arguments; it is told, and the step goes on.
                raise ToolFailedError(str(error)) from error
            return result, Usage()

        tool.arguments.model_validate(arguments)
        self._deltas.add(f"{tool.name} {arguments}\n", "tools")
        performed = await self._calls.perform(tool.name, arguments, call, effect=tool.effect)
        return performed.response

    async def _notes(self) -> list[str]:
        """Read memory once an attempt: through the journal, so that a repeated execution asks the same."""
        use = self._task.memory
        if use is None or not use.read:
            return []

        async def search(_: str) -> tuple[JsonValue, Usage]:
            hits = await until_available(
                lambda: self._memory.search(self._task.prompt, collections=use.read, top=use.top),
                stop=self.stop,
            )
            return [*notes_of(hits)], Usage()

        request: JsonObject = {"query": self._task.prompt, "collections": [*use.read], "top": use.top}
        performed = await self._calls.perform("memory.search", request, search)
        return [str(note) for note in performed.response] if isinstance(performed.response, list) else []

    async def _beat(self) -> None:
        while self.stop.reason is None:
            await self._parts.clock.sleep(HEARTBEAT_SECONDS)
            beat = Heartbeat(
                run_id=self._step.run_id,
                step=self._step.step,
                exec=self._step.exec,
                tokens_so_far=self._calls.usage.tokens,
            )
            try:
                answer = await self._parts.orchestrator.heartbeat(beat)
            except UpstreamError as error:
                # The work goes on: if the lease is lost meanwhile, its fencing token is refused.
                log.warning("a heartbeat was not taken", step=self._step.step, error=repr(error))
                continue
            if answer.stop is not None:
                self.stop.stop(answer.stop)

    async def _failed(self, error: StepError) -> RunStepOutcome:
        complete = CompleteStep(**self._ids(), status="failed", error=error, usage=self._calls.usage)
        completion = await until_available(lambda: self._parts.orchestrator.complete(complete))
        return RunStepOutcome(status="superseded" if completion.outcome == "superseded" else "done")

    async def _complete(self, complete: CompleteStep) -> StepCompletion:
        return await until_available(lambda: self._parts.orchestrator.complete(complete), stop=self.stop)

    def _ids(self) -> dict[str, object]:
        return {"run_id": self._step.run_id, "step": self._step.step, "exec": self._step.exec}

    def _write_key(self) -> str:
        """Return the effect key of the step's write; without the attempt, so that a retry adds none."""
        return hashlib.sha256(f"{self._step.run_id}\n{self._step.step}\nwrite".encode()).hexdigest()
