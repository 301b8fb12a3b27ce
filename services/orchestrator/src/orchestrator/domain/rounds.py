"""One round of a run: what `decide` asks for becomes a draft and a list of work for the driver."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from flowloom_contracts.agents import StepClaim
from flowloom_contracts.runs import StepStatus
from flowloom_contracts.topics import agent_app_id
from flowloom_language.commands import (
    AskAgain,
    CancelChildRun,
    EmitEvent,
    NeedValues,
    Record,
    StartChildRun,
    StartStep,
    StopStep,
    WakeAt,
)
from flowloom_language.events import StepQueued
from flowloom_language.interpreter import decide
from flowloom_language.plan import SLOW_KINDS
from flowloom_language.state import StepState
from orchestrator.domain.claims import take
from orchestrator.domain.draft import Draft
from orchestrator.domain.driving import AdvanceAnswer, StepStart, never_waits
from orchestrator.domain.instant_rules import is_held_back
from orchestrator.domain.large import ValuesNeededError
from orchestrator.domain.milestones import agent_kind_of
from orchestrator.domain.records import Execution, OutboxKind, Worker

MAX_HANDED_OUT: Final = 100
"""Steps in one answer to the driver: engine history takes at most 8 kB, the others follow as these start."""

MAX_FOLLOWING: Final = 40
"""Steps that the end of another one may bring with it; more are asked for with `advance`."""

LOCAL_KINDS: Final = SLOW_KINDS - {"agent"}
"""Kinds that the orchestrator itself carries out."""


@dataclass(frozen=True)
class InlineStep:
    """A step that is carried out here and now, because nothing else in the run has to wait for it."""

    path: str
    attempt: int
    claim: StepClaim
    is_first: bool


@dataclass(frozen=True)
class Here:
    """Which steps this process carries out already, and how many more it has room for."""

    carried: frozenset[str] = frozenset()
    room: int = 1


ALONE: Final = Here()
"""Nothing is carried out here yet, and one step may be."""


@dataclass(frozen=True)
class Round:
    """What follows from a round; `again`: there is more to do than one transaction should hold."""

    finished: bool = False
    inline: tuple[InlineStep, ...] = ()
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


@dataclass
class Settled:
    """What `decide` asks for beside its records."""

    starts: list[StartStep] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    waits_for_children: bool = False
    more: bool = False


def play(draft: Draft, worker: Worker, *, now: datetime, jitter: float, here: Here = ALONE) -> Round:
    """Carry out everything that only computes, then take or hand out the slow steps."""
    settled = settle(draft, now=now)
    if draft.state.status.is_terminal:
        return Round(finished=True, stopped=tuple(settled.stopped))
    if settled.more:
        return Round(again=True)
    local = _local_work(draft, settled, here.carried)
    if local or (local is not None and here.carried):
        return _inline(draft, local[: here.room], worker, now=now, jitter=jitter)
    return _handing_out(draft, settled, now=now, carried=here.carried)


def follow(draft: Draft, *, now: datetime) -> Round | None:
    """Carry out what follows from the end of a step, where its worker can tell the driver of it.

    None: the driver has to call `advance`, because what follows is carried out there or is too much to tell.
    """
    settled = settle(draft, now=now)
    if draft.state.status.is_terminal:
        return Round(finished=True, stopped=tuple(settled.stopped))
    if settled.more or _local_work(draft, settled, frozenset()):
        return None
    following = _handing_out(draft, settled, now=now)
    return following if len(following.start) <= MAX_FOLLOWING else None


def _handing_out(
    draft: Draft, settled: Settled, *, now: datetime, carried: frozenset[str] = frozenset()
) -> Round:
    for start in settled.starts:
        _hand_out(draft, start, now=now)
    _free_inline_steps(draft, now=now, carried=carried)
    return Round(
        start=tuple(_handed_out(draft, now)),
        wake_at=draft.wake_at,
        stopped=tuple(settled.stopped),
    )


def settle(draft: Draft, *, now: datetime) -> Settled:
    """Apply what `decide` records, as much as one transaction should hold, and ask for what it wants done.

    `more`: the rest follows when this is stored.
    """
    settled = Settled()
    draft.wake_at = None
    for command in decide(draft.before.plan, draft.state, now=now, values=draft.before.values):
        match command:
            case Record():
                draft.apply(command.event)
            case StartStep():
                settled.starts.append(command)
            case StopStep():
                settled.stopped.append(command.path)
            case WakeAt():
                draft.wake_at = command.at
            case AskAgain():
                settled.more = True
            case NeedValues():
                # Nothing is lost: what was recorded so far is computed again with the values.
                raise ValuesNeededError(command.refs)
            case EmitEvent() | StartChildRun() if is_held_back(draft, command, now=now):
                # What `decide` has made of the step does not hold: the rest is decided anew.
                settled.more = True
                break
            case _:
                _have_done(draft, command, settled, now=now)
    return settled


def _have_done(
    draft: Draft, command: EmitEvent | StartChildRun | CancelChildRun, settled: Settled, *, now: datetime
) -> None:
    """Ask for what happens outside the run."""
    match command:
        case EmitEvent():
            draft.emit(command, at=now)
        case StartChildRun():
            settled.waits_for_children = True
            _start_child(draft, command, now=now)
        case CancelChildRun():
            draft.ask(OutboxKind.CHILD_CANCEL, {"run_id": command.run_id})
        case _:
            assert_never(command)


def _start_child(draft: Draft, command: StartChildRun, *, now: datetime) -> None:
    """Ask for a run once, however often `decide` says so; the mark goes when the run exists."""
    execution = draft.execution(command.path)
    if execution.queued_at is not None:
        return
    draft.set_execution(command.path, execution.handed_out(now, generation=draft.generation))
    draft.ask(
        OutboxKind.CHILD_START,
        {
            "step": command.path,
            "attempt": command.attempt,
            "workflow": command.workflow,
            "version": command.version,
            "inputs": command.inputs,
            "mode": command.mode,
        },
    )


def _local_work(draft: Draft, settled: Settled, carried: frozenset[str]) -> list[str] | None:
    """Return the local steps that can be taken here: about to start, or left by a worker that died.

    None: something in the run waits for others, so the engine has to know of every step. One step is taken
    when it is all there is to do; several only in a run that never has anything else to do (decision 0052).
    """
    if settled.waits_for_children or any(start.kind not in LOCAL_KINDS for start in settled.starts):
        return None
    starts = [start.path for start in settled.starts]
    known = carried.union(starts)
    others = [path for path in draft.busy if path not in known]
    left = [path for path in others if _is_inline(draft, draft.state.steps[path])]
    if len(starts) + len(others) + len(carried) <= 1:
        return starts + left if len(left) == len(others) else None
    if not never_waits(draft.before.plan) or not all(_waits_quietly(draft, path) for path in others):
        return None
    return starts + left


def _is_inline(draft: Draft, step: StepState) -> bool:
    return step.status is StepStatus.RUNNING and draft.execution(step.path).inline


def _waits_quietly(draft: Draft, path: str) -> bool:
    """Whether a busy step has no worker in the engine: it may be taken, or a time or a person will tell."""
    step = draft.state.steps[path]
    return _is_inline(draft, step) or step.status in (StepStatus.RETRYING, StepStatus.WAITING)


def _inline(draft: Draft, paths: list[str], worker: Worker, *, now: datetime, jitter: float) -> Round:
    if any(_is_held_elsewhere(draft.execution(path), worker, now) for path in paths):
        return Round(busy_elsewhere=True)
    taken: list[InlineStep] = []
    for path in paths:
        claimed = take(draft, path, worker, now=now, jitter=jitter, inline=True)
        if claimed.task is not None:
            is_first = draft.execution(path).execs_of_attempt == 1
            taken.append(InlineStep(path, draft.state.steps[path].attempt, claimed, is_first))
    # A step that nobody may carry out has moved the run: what follows from that is decided anew.
    return Round(inline=tuple(taken), again=len(taken) < len(paths), wake_at=draft.wake_at)


def _is_held_elsewhere(held_by: Execution, worker: Worker, now: datetime) -> bool:
    return held_by.is_leased(now) and held_by.worker != worker.name


def _hand_out(draft: Draft, start: StartStep, *, now: datetime) -> None:
    execution = draft.execution(start.path).handed_out(now, generation=draft.generation)
    draft.apply(StepQueued(path=start.path, attempt=start.attempt, at=now), execution=execution)


def _free_inline_steps(draft: Draft, *, now: datetime, carried: frozenset[str]) -> None:
    """A step that a dead process ran here goes to the engine when there is other work beside it."""
    for path in draft.busy:
        if path not in carried and _is_inline(draft, draft.state.steps[path]):
            freed = draft.execution(path).handed_out(now, generation=draft.generation)
            draft.set_execution(path, freed)


def _handed_out(draft: Draft, now: datetime) -> Iterator[StepStart]:
    """Yield every step that waits for a worker; the driver knows which of them it has started."""
    plan = draft.before.plan
    waiting = [path for path in draft.busy if _waits_for_worker(draft, path, now)]
    for path in waiting[:MAX_HANDED_OUT]:
        agent = agent_kind_of(plan, path)
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
    if step.status is not StepStatus.RUNNING or step.kind not in SLOW_KINDS:
        return False
    return not execution.is_leased(now)
