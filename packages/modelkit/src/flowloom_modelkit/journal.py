"""Makes calls through the journal: a call that was made before is replayed, not paid or fired twice."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall, Reservation
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import StepError, Usage
from flowloom_contracts.topics import AppId
from flowloom_contracts.workflow_tools import WORKFLOW_PREFIX
from flowloom_modelkit.errors import CallDeniedError, CallStoppedError, UncertainCallError
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.ports import CallJournal, ModelCaller, OnDelta
from flowloom_modelkit.prices import FREE, CallCosts
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, digest_of
from flowloom_modelkit.responses import as_kept
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.telemetry import MODEL_CALL, call_told
from flowloom_servicekit.dapr.invoke import Invoker

Effect = Literal["none", "idempotent", "once"]


@dataclass(frozen=True, slots=True)
class StepRef:
    """One execution of one attempt of a step; `exec` is its fencing token."""

    run_id: str
    step: str
    attempt: int
    exec: int


@dataclass(frozen=True, slots=True)
class Performed:
    """What a call gave; `replayed` when the journal had it."""

    response: JsonValue
    usage: Usage
    replayed: bool


class JournaledCalls:
    """Numbers the calls of one execution and makes each through the journal, one after the other."""

    def __init__(self, journal: CallJournal, step: StepRef, stop: StopSignal) -> None:
        self._journal = journal
        self._step = step
        self._stop = stop
        self._next = 0
        self.usage = Usage()

    async def perform(
        self,
        name: str,
        request: JsonValue,
        call: Callable[[str], Awaitable[tuple[JsonValue, Usage]]],
        *,
        effect: Effect = "none",
    ) -> Performed:
        """Make or replay the next call; `call` takes the effect key and returns response and usage.

        Raises `UncertainCallError` for a `once` effect of unknown result, `CallDeniedError` when a rule or a
        budget forbids the call, and `CallStoppedError` when this execution was superseded or has to wait for
        a person.
        """
        return await self.perform_as_told(name, request, lambda begun: call(begun.effect_key), effect=effect)

    async def perform_as_told(
        self,
        name: str,
        request: JsonValue,
        call: Callable[[CallBegun], Awaitable[tuple[JsonValue, Usage]]],
        *,
        effect: Effect = "none",
        reserve: Reservation | None = None,
    ) -> Performed:
        """Make or replay the next call like `perform`; `call` takes all that was said when it was announced.

        `reserve` is the worst case of what it costs.
        """
        self._stop.raise_if_stopped()
        number, self._next = self._next, self._next + 1
        begin = BeginCall(
            run_id=self._step.run_id,
            step=self._step.step,
            attempt=self._step.attempt,
            exec=self._step.exec,
            call=number,
            name=name,
            request_hash=digest_of(request),
            effect=effect,
            reserve=reserve,
            arguments=request if name.startswith(WORKFLOW_PREFIX) else None,
        )
        begun = await until_available(lambda: self._journal.begin(begin), stop=self._stop)
        if begun.outcome == "replay":
            return self._replayed(begun)
        if begun.outcome == "uncertain":
            raise UncertainCallError(f"call {number} ({name!r}) was begun before and its result is not known")
        if begun.outcome == "denied":
            raise CallDeniedError(begun.error or StepError(code="denied", message="The call is not allowed."))
        if begun.outcome == "waiting":
            self._stop.stop("waiting")
            raise CallStoppedError("waiting")
        if begun.outcome == "superseded":
            self._superseded()
        return await self._perform(begin, begun, call)

    def _replayed(self, begun: CallBegun) -> Performed:
        # Paid in this attempt by an execution that died; counted once as spent and once as saved.
        paid = begun.usage
        self.usage = self.usage.plus(paid).plus(Usage(tokens_saved=paid.tokens))
        return Performed(as_kept(begun.response), paid, replayed=True)

    async def _perform(
        self,
        begin: BeginCall,
        begun: CallBegun,
        call: Callable[[CallBegun], Awaitable[tuple[JsonValue, Usage]]],
    ) -> Performed:
        started = time.monotonic()
        made, usage = await call_told(begin.name, partial(call, begun))
        response = as_kept(made)
        self.usage = self.usage.plus(usage)
        end = EndCall(
            run_id=begin.run_id,
            step=begin.step,
            attempt=begin.attempt,
            exec=begin.exec,
            call=begin.call,
            request_hash=begin.request_hash,
            response=response,
            usage=usage,
            duration_ms=int((time.monotonic() - started) * 1000),
        )
        ended = await until_available(lambda: self._journal.end(end), stop=self._stop)
        if ended.outcome == "superseded":
            self._superseded()
        return Performed(response, usage, replayed=False)

    def _superseded(self) -> None:
        self._stop.stop("superseded")
        raise CallStoppedError("superseded")


class JournaledModel:
    """A `ModelCaller` whose calls go through the journal; a replayed answer is one delta."""

    def __init__(self, model: ModelCaller, calls: JournaledCalls, costs: CallCosts = FREE) -> None:
        self._model = model
        self._calls = calls
        self._costs = costs

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Make or replay the call; see `ModelCaller` and `JournaledCalls.perform` for what it raises."""

        async def call(begun: CallBegun) -> tuple[JsonValue, Usage]:
            # A budget may say which model to use from now on, and how long the answer may be.
            told = {"model": begun.model, "max_tokens": begun.max_tokens}
            changes = {name: value for name, value in told.items() if value is not None}
            asked = request.model_copy(update=changes) if changes else request
            answer = await self._model.stream(asked, on_delta=on_delta, stop=stop)
            used = answer.model or asked.model  # another one may have stood in
            named = answer.model_copy(update={"model": self._costs.name_of(used)})
            return named.model_dump(mode="json"), self._costs.usage(answer, used)

        canonical = request.model_dump(mode="json", exclude_defaults=True)
        performed = await self._calls.perform_as_told(
            MODEL_CALL, canonical, call, reserve=self._costs.worst_case(request)
        )
        answer = ModelAnswer.model_validate(performed.response)
        if performed.replayed and answer.text:
            on_delta(answer.text)
        return answer


class InvokedCallJournal:
    """The orchestrator's journal, for processes that have no database."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def begin(self, call: BeginCall) -> CallBegun:
        """Ask `calls/begin`."""
        return await self._invoker.call(AppId.ORCHESTRATOR, "calls/begin", call, CallBegun)

    async def end(self, call: EndCall) -> CallEnded:
        """Tell `calls/end`."""
        return await self._invoker.call(AppId.ORCHESTRATOR, "calls/end", call, CallEnded)
