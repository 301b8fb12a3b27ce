"""One round of a run: what `decide` asks for becomes a draft and a list of work for the driver."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flowloom_contracts.agents import StepClaim
from flowloom_contracts.runs import StepStatus
from flowloom_contracts.topics import agent_app_id
from flowloom_language.commands import Record, StartStep, StopStep, WakeAt
from flowloom_language.events import StepQueued
from flowloom_language.interpreter import decide
from flowloom_language.state import StepState
from orchestrator.domain.claims import take
from orchestrator.domain.draft import Draft
from orchestrator.domain.driving import AdvanceAnswer, StepStart
from orchestrator.domain.milestones import agent_of
from orchestrator.domain.records import Worker

MAX_HANDED_OUT: Final = 100
"""Steps in one answer to the driver: engine history takes at most 8 kB, the others follow as these start."""

_BUSY: Final = (StepStatus.QUEUED, StepStatus.RUNNING, StepStatus.WAITING, StepStatus.RETRYING)


@dataclass(frozen=True)
class InlineStep:
    """A step that is carried out here and now, because there is nothing else to do in the run."""

    path: str
    attempt: int
    claim: StepClaim
    is_first: bool


@dataclass(frozen=True)
class Round:
    """What follows from a round."""

    finished: bool = False
    inline: InlineStep | None = None
    busy_elsewhere: bool = False
    again: bool = False
    start: tuple[StepStart, ...] = ()
    wake_at: datetime | None = None
    stopped: tuple[str, ...] = ()

    def answer(self) -> AdvanceAnswer:
        """Return what the driver gets; times as text, because it goes into the engine's history."""
        return {
            "finished": self.finished,
            "start": [*self.start],
            "wake_at": self.wake_at.isoformat() if self.wake_at else None,
        }


def play(draft: Draft, worker: Worker, *, now: datetime, jitter: float) -> Round:
    """Carry out everything that only computes, then start or hand out the slow steps."""
    starts, stopped = settle(draft, now=now)
    if draft.state.status.is_terminal:
        return Round(finished=True, stopped=stopped)
    alone = _the_only_work(draft, starts)
    if alone is not None:
        return _inline(draft, alone, worker, now=now, jitter=jitter)
    for start in starts:
        _hand_out(draft, start, now=now)
    _free_inline_steps(draft, now=now)
    return Round(start=tuple(_handed_out(draft, now)), wake_at=draft.wake_at, stopped=stopped)


def settle(draft: Draft, *, now: datetime) -> tuple[list[StartStep], tuple[str, ...]]:
    """Apply everything that `decide` records; return the steps to start and the paths of the stopped ones."""
    starts: list[StartStep] = []
    stopped: list[str] = []
    draft.wake_at = None
    for command in decide(draft.record.plan, draft.state, now=now):
        match command:
            case Record():
                draft.apply(command.event)
            case StartStep():
                starts.append(command)
            case StopStep():
                stopped.append(command.path)
            case WakeAt():
                draft.wake_at = command.at
    return starts, tuple(stopped)


def _the_only_work(draft: Draft, starts: list[StartStep]) -> str | None:
    """Return the `llm` step that is all there is to do: about to start, or left by a worker that died."""
    busy = [step for step in draft.state.steps.values() if step.status in _BUSY]
    if len(starts) == 1 and starts[0].kind == "llm":
        return starts[0].path if all(step.path == starts[0].path for step in busy) else None
    if not starts and len(busy) == 1 and _is_inline(draft, busy[0]):
        return busy[0].path
    return None


def _is_inline(draft: Draft, step: StepState) -> bool:
    return step.status is StepStatus.RUNNING and draft.execution(step.path).inline


def _inline(draft: Draft, path: str, worker: Worker, *, now: datetime, jitter: float) -> Round:
    held_by = draft.execution(path)
    is_live = held_by.lease_until is not None and held_by.lease_until > now
    if is_live and held_by.worker != worker.name:
        return Round(busy_elsewhere=True)
    claimed = take(draft, path, worker, now=now, jitter=jitter, inline=True)
    if claimed.task is None:
        return Round(again=True)
    is_first = draft.execution(path).execs_of_attempt == 1
    return Round(inline=InlineStep(path, draft.state.steps[path].attempt, claimed, is_first))


def _hand_out(draft: Draft, start: StartStep, *, now: datetime) -> None:
    execution = draft.execution(start.path).handed_out(now)
    draft.apply(StepQueued(path=start.path, attempt=start.attempt, at=now), execution=execution)


def _free_inline_steps(draft: Draft, *, now: datetime) -> None:
    """A step that a dead process ran here goes to the engine when there is other work beside it."""
    for step in draft.state.steps.values():
        if _is_inline(draft, step):
            draft.set_execution(step.path, draft.execution(step.path).handed_out(now))


def _handed_out(draft: Draft, now: datetime) -> Iterator[StepStart]:
    """Yield every step that waits for a worker; the driver knows which of them it has started."""
    steps = draft.record.plan.steps
    waiting = [planned.path for planned in steps if _waits_for_worker(draft, planned.path, now)]
    for path in waiting[:MAX_HANDED_OUT]:
        agent = agent_of(draft.record.plan, path)
        yield {
            "step": path,
            "attempt": draft.state.steps[path].attempt,
            "dispatch": draft.execution(path).dispatch,
            "app_id": agent_app_id(agent) if agent else None,
        }


def _waits_for_worker(draft: Draft, path: str, now: datetime) -> bool:
    step, execution = draft.state.steps[path], draft.execution(path)
    if step.status is StepStatus.QUEUED:
        return True
    is_free = execution.lease_until is None or execution.lease_until <= now
    return step.status is StepStatus.RUNNING and is_free
