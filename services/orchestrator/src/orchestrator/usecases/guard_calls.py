"""Announces calls: rules and budgets are judged before a call is made, in the one question that is asked."""

import json
from dataclasses import dataclass, replace
from typing import Final

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall
from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import BudgetData
from flowloom_contracts.rules import Rule
from flowloom_contracts.runs import StepError, StepStatus
from flowloom_contracts.workflow_tools import WORKFLOW_PREFIX
from flowloom_language.events import StepFailed, StepReplaced, StepWaiting
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.retries import settle_failure, written_on_reach
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.budget_events import budget_event
from orchestrator.domain.budgets import PriceOf, Reached
from orchestrator.domain.caps import DayLimits, caps_of, has_caps
from orchestrator.domain.draft import Draft
from orchestrator.domain.paces import NO_PACE, Pace
from orchestrator.domain.records import RunRecord
from orchestrator.domain.ruling import MODEL_CALL, Doing, Ruling, rule_on_step
from orchestrator.domain.verdicts import Verdict
from orchestrator.ports.journal import JournalStore
from orchestrator.ports.rules import RulesSource
from orchestrator.usecases.budget_book import BudgetBook
from orchestrator.usecases.gate import Relay, RunGate
from orchestrator.usecases.jitter import jitter
from orchestrator.usecases.keep_calls import begin_call, end_call
from orchestrator.usecases.pace_calls import CallPaces

_SUPERSEDED: Final = CallBegun(outcome="superseded")


class BudgetBusyError(UpstreamError):
    """Calls in progress hold what is left of a budget; asked again, the call fits or does not."""

    title = "Other calls hold the rest of the budget"


@dataclass(frozen=True)
class CallPolicy:
    """What holds for all workspaces of this installation."""

    price: PriceOf
    day: DayLimits
    pace: Pace = NO_PACE


class CallGuard:
    """Every call that is announced goes through here, an agent's and our own."""

    def __init__(
        self,
        *,
        journal: JournalStore,
        gate: RunGate,
        relay: Relay,
        rules: RulesSource,
        budgets: BudgetBook,
        policy: CallPolicy,
        paces: CallPaces,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._gate = gate
        self._relay = relay
        self._rules = rules
        self._budgets = budgets
        self._policy = policy
        self._paces = paces
        self._clock = clock

    async def is_free(self, run_id: str, path: str) -> bool:
        """Whether nothing can forbid or count the calls of a step: they need not be announced."""
        if self._policy.day.is_set or self._paces.is_set:
            return False
        record = await self._gate.known(run_id)
        if path in record.state.steps and has_caps(record, path):
            return False
        if await self._rules.of(record.workspace_id):
            return False
        return not await self._budgets.of(record.workspace_id)

    async def begin(self, request: BeginCall) -> CallBegun:
        """Judge and announce a call.

        Raises `BudgetBusyError` and `PaceReachedError`, after which it is asked again.
        """
        record = await self._gate.known(request.run_id)
        if request.step not in record.state.steps:
            return _SUPERSEDED
        ruled = with_start_asked(await self._gate.prepared(record), request)
        ruling = rule_on_step(ruled, _doing(ruled, request))
        if ruling.effect == "deny":
            return CallBegun(outcome="denied", error=ruling.error())
        if ruling.effect == "ask":
            return await self._ask(request, ruling)
        if request.name == MODEL_CALL:
            await self._paces.admit(record.workspace_id)
        return await self._announce(ruled, request, ruling)

    async def end(self, request: EndCall) -> CallEnded:
        """Keep the answer of a call, and count what it has cost."""
        ended = await end_call(request, journal=self._journal, relay=self._relay, clock=self._clock)
        if self._paces.is_set:
            record = await self._gate.known(request.run_id)
            # Paid is paid, also where another worker has taken the step over.
            await self._paces.used(record.workspace_id, request.usage)
        return ended

    async def _announce(self, record: RunRecord, request: BeginCall, ruling: Ruling) -> CallBegun:
        now = self._clock.now()
        try:
            caps = caps_of(
                record,
                request.step,
                day=self._policy.day,
                limiting=ruling.limiting,
                budgets=await self._budgets.of(record.workspace_id),
                now=now,
            )
        except ExpressionError as error:
            return CallBegun(outcome="denied", error=StepError(code="expression", message=str(error)))
        if not caps or request.reserve is None:
            begun = await begin_call(request, journal=self._journal, relay=self._relay, clock=self._clock)
        else:
            capped = await self._journal.begin_within(request, caps, price=self._policy.price, now=now)
            if isinstance(capped.refused, Reached):
                return await self._reached(request, capped.refused)
            if capped.answer is None:
                raise BudgetBusyError("Calls beside this one hold what is left; asked again, it is known.")
            if capped.committed is not None:
                self._relay.push(capped.committed)
            begun = capped.answer
            if begun.outcome == "replay":
                begun = await begin_call(request, journal=self._journal, relay=self._relay, clock=self._clock)
        if begun.outcome == "uncertain":
            return await self._uncertain(request, begun)
        return begun

    async def _ask(self, request: BeginCall, ruling: Ruling) -> CallBegun:
        """Let the step wait for what people say about a call."""
        doing = "call a model" if request.name == MODEL_CALL else f"use {request.name}"
        shown: JsonObject = {"call": request.name, "step": request.step}
        if request.arguments is not None:
            shown["inputs"] = request.arguments
        asked = ruling.request(doing, shown)

        def decide(record: RunRecord) -> Verdict[CallBegun]:
            if not _runs(record, request):
                return Verdict(_SUPERSEDED)
            draft = Draft(record)
            draft.apply(
                StepWaiting(path=request.step, attempt=request.attempt, decision=asked, at=self._clock.now())
            )
            draft.wake_driver()
            return Verdict(CallBegun(outcome="waiting"), draft.stored())

        return await self._gate.change(request.run_id, decide)

    async def _reached(self, request: BeginCall, reached: Reached) -> CallBegun:
        error = StepError(code="budget", message=reached.message)
        return await self._settle(request, error, told=reached.data, on_reach=reached.cap.on_reach)

    async def _uncertain(self, request: BeginCall, begun: CallBegun) -> CallBegun:
        message = (
            f"Call {request.call} ({request.name}) was begun before, and nobody knows what became of it."
        )
        error = StepError(code="uncertain", message=message)
        answer = await self._settle(request, error, told=None)
        return begun if answer.outcome == "waiting" else answer

    async def _settle(
        self,
        request: BeginCall,
        error: StepError,
        *,
        told: BudgetData | None,
        on_reach: str | None = None,
    ) -> CallBegun:
        """Let the step wait for people where that follows from the error; else its worker ends it."""
        denied = CallBegun(outcome="denied", error=error)

        def decide(record: RunRecord) -> Verdict[CallBegun]:
            if not _runs(record, request):
                return Verdict(_SUPERSEDED)
            draft, now = Draft(record), self._clock.now()
            if told is not None:
                draft.tell(budget_event(request, "reached", told, now))
            failed = StepFailed(path=request.step, attempt=request.attempt, error=error, at=now)
            settled = settle_failure(record.plan, record.state, failed, jitter=jitter(), on_reach=on_reach)
            waits = isinstance(settled, StepWaiting | StepReplaced)
            # Where the document would ask, its worker must not end the step: then somebody would be asked.
            ends = on_reach == "fail" and written_on_reach(record.plan) != "fail"
            if waits or ends:
                draft.apply(settled)
                draft.wake_driver()
            answer = CallBegun(outcome="waiting") if waits else _SUPERSEDED if ends else denied
            return Verdict(answer, None if draft.is_empty else draft.stored())

        return await self._gate.change(request.run_id, decide)


def with_start_asked(record: RunRecord, request: BeginCall) -> RunRecord:
    """Return the run with a rule more where an agent is about to start one: a person is always asked.

    The rule is about this call alone: what was approved for another one does not count.
    """
    if not request.name.startswith(WORKFLOW_PREFIX):
        return record
    asking = Rule(
        name=f"start of {request.name.removeprefix(WORKFLOW_PREFIX)[:50]} (call {request.call})",
        when=f"tool == {json.dumps(request.name)}",
        effect="require_approval",
        message="An agent wants to start a run.",
    )
    return replace(record, rules=(*(record.rules or ()), asking))


def _runs(record: RunRecord, request: BeginCall) -> bool:
    step = record.state.steps.get(request.step)
    is_running = step is not None and step.status is StepStatus.RUNNING
    return is_running and record.execution(request.step).exec == request.exec


def _doing(record: RunRecord, request: BeginCall) -> Doing:
    planned = record.plan.at(request.step)
    is_model = request.name == MODEL_CALL
    model = request.reserve.model if request.reserve else None
    agent = getattr(planned.step, "agent", None) if planned.kind == "agent" else None
    return Doing(
        path=request.step,
        kind=planned.kind,
        effect=request.effect,
        agent=str(agent) if agent is not None else None,
        model=(model or "default") if is_model else None,
        tool=None if is_model else request.name,
    )
