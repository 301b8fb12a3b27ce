"""One execution of one attempt of a step: from the claim to the result, with heartbeat, deadline and stop."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from flowloom_agentkit.definition import AgentDefinition, persona_of
from flowloom_agentkit.errors import ToolDeniedError, WorkerStoppingError
from flowloom_agentkit.files import Files
from flowloom_agentkit.guards import (
    Guard,
    answer_object,
    asked_shape,
    concerns,
    ensure_orders,
    fitted,
    refused,
)
from flowloom_agentkit.mcp import McpTools, agent_tool, mcp_names
from flowloom_agentkit.ports import Assignment, Orchestrator, StepRunner
from flowloom_agentkit.programs import Programs
from flowloom_agentkit.prompts import notes_of, question_of
from flowloom_agentkit.reach import Knowledge, OnBehalf, StepSoFar, Web
from flowloom_agentkit.tool_calls import Reach, ToolCalls
from flowloom_agentkit.tools import AgentMemory, AgentTool
from flowloom_contracts.agents import (
    HEARTBEAT_SECONDS,
    MAX_REASKS,
    CompleteStep,
    Heartbeat,
    RunStepOutcome,
    StepCompletion,
    StepTask,
)
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import StepError, Usage
from flowloom_contracts.workflow_tools import WORKFLOW_PREFIX
from flowloom_modelkit.deltas import DeltaBatcher, DeltaWriter
from flowloom_modelkit.errors import CallStoppedError, ModelFailure, step_error
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.ports import CallJournal, ModelCaller
from flowloom_modelkit.prices import FREE, CallCosts
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.workspace_models import ModelInUse, WorkspaceModels
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
    memory_of: Callable[[OnBehalf, StepRef], AgentMemory]
    knowledge_of: Callable[[OnBehalf], Knowledge]
    web: Web
    files_of: Callable[[StepRef], Files]
    mcp_of: Callable[[StepRef], McpTools]
    programs: Programs
    clock: Clock
    announce: Callable[[], Awaitable[None]]
    context_tokens: int
    calls_tools: bool
    costs: CallCosts = FREE
    guard: Guard | None = None
    models: WorkspaceModels | None = None
    """None: only the platform's own."""

    async def model_of(self, workspace_id: str, name: str | None) -> ModelInUse:
        """Return what a step of a workspace calls its model with."""
        if self.models is not None:
            return await self.models.of(workspace_id, name)
        return ModelInUse(self.model, self.costs, self.context_tokens, self.calls_tools)


class StepExecution:
    """Runs one claimed step; `stop` ends it from outside."""

    def __init__(
        self,
        parts: AgentParts,
        step: StepRef,
        task: StepTask,
        *,
        behalf: OnBehalf,
        model: ModelInUse,
    ) -> None:
        self._parts = parts
        self._in_use = model
        self._step = step
        self._task = task
        self._memory = parts.memory_of(behalf, step)
        self.stop = StopSignal()
        self._calls = JournaledCalls(parts.journal, step, self.stop)
        self._model = JournaledModel(model.caller, self._calls, model.costs)
        self._deltas = DeltaBatcher(parts.writer, step, self.stop)
        self._mcp = parts.mcp_of(step)
        self._outside_tools: dict[str, AgentTool] = {}
        self._so_far = StepSoFar(prompt=task.prompt, given=task.given)
        self._tools = ToolCalls(
            self._calls,
            self.stop,
            reach=Reach(
                memory=self._memory,
                knowledge=parts.knowledge_of(behalf),
                web=parts.web,
                files=parts.files_of(step),
                programs=parts.programs,
            ),
            so_far=self._so_far,
            tell=lambda text: self._deltas.add(text, "tools"),
        )

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
            return _outcome_of(attempt.result())
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
        if reason in ("cancelled", "waiting"):
            return RunStepOutcome(status="stopped")
        raise WorkerStoppingError()

    async def _attempt(self) -> StepCompletion:
        ensure_orders(self._parts.guard, self._task.given)
        await self._ask_for_tools()
        notes = await self._notes()
        remark: str | None = None
        reasks = 0
        while True:
            text = await self._parts.runner.run(self._assignment(notes, remark))
            text, remark = await self._guarded(text, reasks)
            if remark is None:
                completion = await self._hand_in(text, reasks)
                if completion.outcome != "reask":
                    return completion
                remark = completion.reason or "it does not fit"
            reasks += 1
            self._deltas.part()

    async def _guarded(self, text: str, reasks: int) -> tuple[str, str | None]:
        """Return the text to hand in, or why the model is asked again; raises `GuardRefusedError` at last."""
        guard, schema = self._parts.guard, self._task.output_schema
        if guard is None or schema is None or not concerns(guard, schema):
            return text, None
        answer = answer_object(text)
        if answer is None:
            # Whoever reads it by the step's shape says what is wrong with it.
            return text, None

        async def judge(effect_key: str) -> tuple[JsonValue, Usage]:
            context = self._tools.context(effect_key)
            judged = await until_available(lambda: guard.judge(answer, context), stop=self.stop)
            return {"output": fitted(judged.output, schema), "remark": judged.remark}, Usage()

        performed = await self._calls.perform(guard.name, {"answer": answer}, judge)
        judged = performed.response if isinstance(performed.response, dict) else {}
        remark = judged.get("remark")
        if remark is None:
            return json.dumps(judged.get("output"), ensure_ascii=False), None
        if reasks >= MAX_REASKS:
            raise refused(guard, str(remark))
        return text, str(remark)

    async def _hand_in(self, text: str, reasks: int) -> StepCompletion:
        """Complete with a text; where the step says so, it is kept in memory before.

        The order is: judge, keep under an effect key, complete. A crash in between repeats it harmlessly, and
        an answer that was refused is never kept.
        """
        await self._deltas.close()
        complete = CompleteStep(
            **self._ids(),
            status="succeeded",
            text=text,
            usage=self._calls.usage,
            reasks=reasks,
            text_lost=self._deltas.has_lost_text,
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
        tools, guard = self._allowed_tools(), self._parts.guard
        task, schema = self._task, self._task.output_schema
        if guard is not None and schema is not None and concerns(guard, schema):
            shape = asked_shape(schema, self._parts.definition.output, guard.computed)
            task = task.model_copy(update={"output_schema": shape})
        question = question_of(
            task,
            persona=self._persona(),
            notes=notes,
            remark=remark,
            context_tokens=self._in_use.context_tokens,
            has_outside=any(tool.is_outside for tool in tools),
        )
        return Assignment(question=question, tools=tools, ask=self._ask, use=self._tools.use)

    def _persona(self) -> str:
        """Return the words of the workflow's or workspace's own agent, else those of this service."""
        own = self._task.profile
        if own is None:
            return self._parts.definition.persona
        return persona_of(own.role, own.goal, own.backstory)

    def _allowed_tools(self) -> tuple[AgentTool, ...]:
        wanted, own = self._task.tools, self._task.profile
        if wanted is None and own is not None:
            wanted = own.tools
        offered = {tool.name: tool for tool in self._parts.tools} | self._outside_tools
        for name in wanted or []:
            if name not in offered:
                raise ToolDeniedError(f"{self._parts.definition.name!r} has no tool {name!r}")
        if not self._in_use.calls_tools:
            return ()
        # A step that only lets its agent start workflows takes nothing away from it.
        if wanted is None or (wanted and all(name.startswith(WORKFLOW_PREFIX) for name in wanted)):
            return tuple(offered.values())
        return tuple(offered[name] for name in wanted)

    async def _ask_for_tools(self) -> None:
        """Learn what the tools of MCP servers are that the step names."""
        names = mcp_names(self._task)
        if names:
            cards = await until_available(lambda: self._mcp.describe(names), stop=self.stop)
            self._outside_tools = {card.name: agent_tool(card, self._mcp) for card in cards}

    async def _ask(self, request: ModelRequest) -> ModelAnswer:
        return await self._model.stream(request, on_delta=self._deltas.add, stop=self.stop)

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
        return _outcome_of(await until_available(lambda: self._parts.orchestrator.complete(complete)))

    async def _complete(self, complete: CompleteStep) -> StepCompletion:
        return await until_available(lambda: self._parts.orchestrator.complete(complete), stop=self.stop)

    def _ids(self) -> dict[str, object]:
        return {"run_id": self._step.run_id, "step": self._step.step, "exec": self._step.exec}

    def _write_key(self) -> str:
        """Return the effect key of the step's write; without the attempt, so that a retry adds none."""
        return hashlib.sha256(f"{self._step.run_id}\n{self._step.step}\nwrite".encode()).hexdigest()


def _outcome_of(completion: StepCompletion) -> RunStepOutcome:
    if completion.outcome == "superseded":
        return RunStepOutcome(status="superseded")
    return RunStepOutcome(status="done", following=completion.following)
