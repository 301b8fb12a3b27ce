"""`decide`: what happens next in a run, from its plan and state alone."""

from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import TERMINAL_STEP_STATUSES, RunError, RunStatus, StepError, StepStatus
from flowloom_language.commands import Command, Record, StartStep, StopStep, WakeAt
from flowloom_language.events import (
    Change,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepCancelled,
    StepFailed,
    StepSkipped,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render
from flowloom_language.outcomes import Sleep, load
from flowloom_language.plan import Edge, Plan, PlanStep
from flowloom_language.scopes import holds, run_scope, step_scope
from flowloom_language.state import RunState, StepState
from flowloom_language.transitions import apply

_ON = frozenset({StepStatus.SUCCEEDED, StepStatus.REUSED})


def decide(plan: Plan, state: RunState, *, now: datetime) -> list[Command]:
    """Return everything that can be done now, in the order in which it must be carried out.

    First the records (each fits the state after the one before it), then the steps to start in the order
    of the document, then at most one timer. Asked again without anything new, it answers the same.
    """
    if state.status.is_terminal or state.status is RunStatus.PAUSED:
        return []
    return _Round(plan, state, now).commands()


class _Round:
    def __init__(self, plan: Plan, state: RunState, now: datetime) -> None:
        self._plan = plan
        self._state = state
        self._now = now
        self._commands = list[Command]()
        self._ready = list[int]()
        self._followers: dict[str, list[int]] | None = None
        self._starts = list[tuple[int, StartStep]]()
        self._is_failing = any(step.status is StepStatus.FAILED for step in state.steps.values())

    def commands(self) -> list[Command]:
        if self._state.status is RunStatus.QUEUED:
            self._record(RunStarted(at=self._now))
        if self._state.status is RunStatus.CANCELLING:
            self._stop_all()
            self._record(RunCancelled(at=self._now))
            return self._commands
        self._go_on()
        if self._is_failing:
            self._stop_all()
            self._record(RunFailed(error=self._first_error(), at=self._now))
        elif all(step.status in TERMINAL_STEP_STATUSES for step in self._state.steps.values()):
            self._finish()
        else:
            self._commands += [start for _, start in sorted(self._starts, key=lambda one: one[0])]
            self._commands += self._timer()
        return self._commands

    def _go_on(self) -> None:
        """Carry out all that only computes, until nothing is left or a step has failed."""
        self._find_ready()
        while self._ready and not self._is_failing:
            position = heappop(self._ready)
            self._advance(position, self._plan.steps[position])

    def _find_ready(self) -> None:
        """Ended steps are passed over first: in a long run they are nearly all."""
        known = self._state.steps
        for position, step in enumerate(self._plan.steps):
            if known[step.path].status not in TERMINAL_STEP_STATUSES and self._is_ready(step):
                self._ready.append(position)
        heapify(self._ready)

    def _is_ready(self, step: PlanStep) -> bool:
        now = self._state.steps[step.path]
        if now.status is StepStatus.PENDING:
            return all(self._state.steps[edge.source].status in TERMINAL_STEP_STATUSES for edge in step.edges)
        is_asleep = now.status in (StepStatus.WAITING, StepStatus.RETRYING)
        return is_asleep and now.wake_at is not None and now.wake_at <= self._now

    def _followers_of(self, path: str) -> list[int]:
        if self._followers is None:
            self._followers = {}
            for position, step in enumerate(self._plan.steps):
                for edge in step.edges:
                    self._followers.setdefault(edge.source, []).append(position)
        return self._followers.get(path, [])

    def _advance(self, position: int, step: PlanStep) -> None:
        known = self._state.steps[step.path]
        if known.status is StepStatus.WAITING:
            self._end(StepSucceeded(path=step.path, attempt=known.attempt, output=None, at=self._now))
        elif known.status is StepStatus.RETRYING:
            self._starts.append((position, StartStep(step.path, step.kind, known.attempt)))
        else:
            self._begin(position, step, known.attempt + 1)

    def _begin(self, position: int, step: PlanStep, attempt: int) -> None:
        try:
            if not self._runs(step):
                self._end(StepSkipped(path=step.path, at=self._now))
            elif step.is_slow:
                self._starts.append((position, StartStep(step.path, step.kind, attempt)))
            else:
                self._compute(step, attempt)
        except ExpressionError as error:
            reason = StepError(code="expression", message=str(error))
            self._end(StepFailed(path=step.path, attempt=attempt, error=reason, at=self._now))

    def _runs(self, step: PlanStep) -> bool:
        deciding = [edge for edge in step.edges if edge.type != "wait"]
        on = [self._is_on(edge, step.path) for edge in deciding]
        if not (any(on) if step.join == "any" else all(on)):
            return False
        condition = step.step.condition
        return condition is None or holds(condition, step_scope(step, self._state))

    def _is_on(self, edge: Edge, path: str) -> bool:
        source = self._state.steps[edge.source]
        if source.status not in _ON:
            return False
        if edge.type == "need":
            return True
        chosen = source.output.get("chosen") if isinstance(source.output, dict) else None
        return isinstance(chosen, list) and path in chosen

    def _compute(self, step: PlanStep, attempt: int) -> None:
        outcome = load(step.kind).run(step.step, step_scope(step, self._state))
        if isinstance(outcome, Sleep):
            wake_at = self._now + timedelta(seconds=outcome.seconds)
            self._record(StepWaiting(path=step.path, attempt=attempt, wake_at=wake_at, at=self._now))
        else:
            self._end(StepSucceeded(path=step.path, attempt=attempt, output=outcome.output, at=self._now))

    def _end(self, event: StepSucceeded | StepFailed | StepSkipped) -> None:
        self._record(event)
        self._is_failing = self._is_failing or isinstance(event, StepFailed)
        for position in self._followers_of(event.path):
            if self._is_ready(self._plan.steps[position]):
                heappush(self._ready, position)

    def _first_error(self) -> RunError:
        failed = [step for step in self._state.steps.values() if step.status is StepStatus.FAILED]
        first = min(failed, key=lambda step: step.finished_at or self._now)
        error = first.error or StepError(code="internal", message="The step failed without a reason.")
        return RunError(code=error.code, message=error.message, step=first.path)

    def _stop_all(self) -> None:
        """What is in progress is cancelled, what never started is skipped."""
        for path, step in self._state.steps.items():
            if step.status is StepStatus.PENDING:
                self._record(StepSkipped(path=path, at=self._now))
            elif not step.status.is_terminal:
                if _has_worker(step):
                    self._commands.append(StopStep(path, step.attempt))
                self._record(StepCancelled(path=path, at=self._now))

    def _finish(self) -> None:
        try:
            outputs: JsonObject = {
                name: render(template, run_scope(self._state, self._state.steps))
                for name, template in self._plan.outputs.items()
            }
        except ExpressionError as error:
            self._record(RunFailed(error=RunError(code="expression", message=str(error)), at=self._now))
        else:
            self._record(RunSucceeded(outputs=outputs, at=self._now))

    def _timer(self) -> list[Command]:
        times = [
            step.wake_at for step in self._state.steps.values() if step.wake_at and step.wake_at > self._now
        ]
        return [WakeAt(min(times))] if times else []

    def _record(self, event: Change) -> None:
        self._state = apply(self._state, event)
        self._commands.append(Record(event))


def _has_worker(step: StepState) -> bool:
    return step.status in (StepStatus.QUEUED, StepStatus.RUNNING)
