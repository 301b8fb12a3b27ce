"""One call of `decide`: the state it moves, the commands it collects, and what follows from each change."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zlib import crc32

from flowloom_contracts.runs import TERMINAL_STEP_STATUSES, RunStatus, StepError, StepStatus
from flowloom_language.commands import AskAgain, CancelChildRun, Command, NeedValues, Record, StopStep, WakeAt
from flowloom_language.events import (
    Change,
    ItemStarted,
    LoopStarted,
    RunResumed,
    StepCancelled,
    StepFailed,
    StepQueued,
    StepRecovering,
    StepReplaced,
    StepSkipped,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.needs import missing_values
from flowloom_language.places import Frame, Place, prefix_of, recovery_frame
from flowloom_language.plan import Plan
from flowloom_language.progress import Progress, found_again
from flowloom_language.retries import settle_failure
from flowloom_language.scopes import Values, frame_scope
from flowloom_language.state import ITEM, RunState, StepState
from flowloom_language.transitions import apply

MAX_RECORDS: Final = 200
"""Records of one call of `decide`: what one transaction stores."""

_GOES_ON: Final = (
    StepQueued,
    StepWaiting,
    StepSucceeded,
    StepFailed,
    StepReplaced,
    StepRecovering,
    StepSkipped,
    LoopStarted,
    ItemStarted,
)
"""What happens only in a run that moves."""


class NotYetError(Exception):
    """A large value is missing; the step is looked at again when it is there."""


class Round:
    """The state on its way, and what is to be done about it."""

    def __init__(self, plan: Plan, state: RunState, *, now: datetime, values: Values) -> None:
        self.plan = plan
        self.state = state
        self.now = now
        self.values = values
        self.commands: list[Command] = []
        self._missing: dict[str, None] = {}
        self._starved: list[str] = []
        known = state.progress
        if known is None or known.plan is not plan:
            state.progress = found_again(plan, state)
        else:
            self.follow()

    @property
    def progress(self) -> Progress:
        """What is known of the run beside its state."""
        if self.state.progress is None:
            raise RuntimeError("the newest state has lost its progress")
        return self.state.progress

    def step(self, path: str) -> StepState:
        """Return a step as it is now."""
        return self.state.steps[path]

    def record(self, event: Change) -> None:
        """Apply an event, tell to store it, and see what follows; a run that waited goes on first."""
        if self.is_waiting and isinstance(event, _GOES_ON):
            self.record(RunResumed(at=self.now))
        self.state = apply(self.state, event)
        self.commands.append(Record(event))
        self.follow()

    def start(self, place: Place, command: Command) -> None:
        """Tell to start something, now and until it is recorded."""
        self.progress.starts[place.path] = (place.key, command)

    def follow(self) -> None:
        """See what follows from the steps that have changed."""
        progress = self.progress
        while progress.changed:
            before, after = progress.changed.pop(0)
            progress.count(before, -1)
            progress.count(after, 1)
            progress.has_refs = progress.has_refs or bool(after.refs)
            if before.status is not after.status:
                progress.starts.pop(after.path, None)
            if before.recovering is not None and after.recovering is None:
                progress.leave(f"{after.path}.on_error.")
            if after.status in TERMINAL_STEP_STATUSES:
                self._ended(after)
                continue
            progress.add_timer(after)
            if after.recovering is not None and before.recovering is None:
                progress.enter(recovery_frame(progress.place(after.path)), self.state)
            is_due = after.wake_at is not None and after.wake_at <= self.now
            if is_due or after.recovering or after.decided or after.child:
                progress.push(after.path)

    def _ended(self, step: StepState) -> None:
        progress = self.progress
        if step.undoes is not None:
            return
        if step.kind == ITEM:
            self._item_ended(step)
            return
        if step.kind == "loop":
            progress.loops.pop(step.path, None)
        prefix = prefix_of(step.path)
        block = progress.blocks.get(prefix)
        if block is None:
            return
        block.open -= 1
        progress.blocked.pop(step.path, None)
        if step.status is StepStatus.FAILED:
            block.failed = block.failed or step.path
        else:
            for follower in block.frame.block.followers.get(step.path[len(prefix) :], ()):
                self._source_ended(prefix + follower)
        if block.frame.owner is not None and (block.failed is not None or not block.open):
            progress.push(block.frame.owner)

    def _source_ended(self, path: str) -> None:
        blocked = self.progress.blocked
        if path in blocked:
            blocked[path] -= 1
            if not blocked[path]:
                self.progress.push(path)

    def _item_ended(self, item: StepState) -> None:
        path, _, index = item.path.rpartition("[")
        loop = self.progress.loops.get(path)
        self.progress.leave(f"{item.path}.")
        if loop is not None:
            loop.open.pop(int(index[:-1]), None)
            if item.status is StepStatus.FAILED and loop.failed is None:
                loop.failed = int(index[:-1])
            self.progress.push(path)

    def scope(self, frame: Frame, *, reading: Iterable[str], passes_on: bool = True) -> Scope:
        """Return the scope of a frame for templates; raises NotYetError when a large value is missing."""
        if self.progress.has_refs:
            missing = missing_values(self.state, frame, reading, self.values, passes_on=passes_on)
            if missing:
                self._missing |= dict.fromkeys(sorted(missing))
                raise NotYetError
        return frame_scope(self.state, frame, self.values)

    def starve(self, path: str) -> None:
        """Look at a step again when the values are there that it misses."""
        self._starved.append(path)

    def fail(self, path: str, error: StepError, *, origin: str | None = None, ask: bool = True) -> None:
        """Let an attempt fail: another one follows, its recovery, a question, or the end of the step."""
        step = self.step(path)
        attempt = step.attempt + 1 if step.status is StepStatus.PENDING else step.attempt
        failed = StepFailed(path=path, attempt=attempt, error=error, origin=origin, at=self.now)
        jitter = crc32(f"{self.state.run.id}:{path}:{attempt}".encode()) / 2**32
        self.record(settle_failure(self.plan, self.state, failed, jitter=jitter, ask=ask))

    def stop_block(self, prefix: str) -> None:
        """Cancel what is in progress in a frame, and skip what never started."""
        block = self.progress.blocks.get(prefix)
        for planned in block.frame.block.steps if block else ():
            step = self.state.steps.get(prefix + planned.id)
            if step is not None and step.status not in TERMINAL_STEP_STATUSES:
                self.stop(step)

    def stop(self, step: StepState) -> None:
        """Cancel one step with everything inside it, or skip it."""
        if step.status is StepStatus.PENDING:
            self.record(StepSkipped(path=step.path, at=self.now, unreached=True))
            return
        if step.recovering is not None:
            self.stop_block(f"{step.path}.on_error.")
        elif step.kind == "loop":
            self.stop_items(step.path)
        self.commands.extend(_stop_command(step))
        self.record(StepCancelled(path=step.path, at=self.now))

    def stop_items(self, loop: str) -> None:
        """Cancel the open items of a loop."""
        known = self.progress.loops.get(loop)
        for index in list(known.open) if known else ():
            self.stop_block(f"{loop}[{index}].")
            self.record(StepCancelled(path=f"{loop}[{index}]", at=self.now))

    @property
    def is_full(self) -> bool:
        """Whether the rest follows in the next call."""
        return len(self.commands) >= MAX_RECORDS

    def result(self) -> list[Command]:
        """Return the commands: the records in their order, then what is to be started, then the timer."""
        is_full = self.is_full
        for path in self._starved:
            self.progress.push(path)
        if self.state.status.is_terminal:
            return self.commands
        starts = sorted(self.progress.starts.values(), key=lambda one: one[0])
        self.commands += [command for _, command in starts]
        if self._missing:
            self.commands.append(NeedValues(tuple(self._missing)))
        if is_full:
            self.commands.append(AskAgain())
        times = [self.progress.next_timer(self._counts)]
        times += [] if self.state.ending else [self.state.deadline_at]
        known = [time for time in times if time is not None]
        if known:
            self.commands.append(WakeAt(min(known)))
        return self.commands

    def has_work(self) -> bool:
        """Whether somebody works on a step, or can begin to."""
        return bool(self.progress.active or self.progress.starts)

    def is_idle(self) -> bool:
        """Whether all that is left waits for people or events."""
        progress = self.progress
        nothing_runs = not (progress.active or progress.starts or self._starved or progress.due)
        return nothing_runs and progress.held > 0

    def _counts(self, when: datetime, path: str) -> bool:
        step = self.state.steps.get(path)
        is_open = step is not None and step.status not in TERMINAL_STEP_STATUSES
        return is_open and step is not None and step.wake_at == when and when > self.now

    def wake(self) -> None:
        """Look at the steps whose time has come."""
        for path in self.progress.pop_timers(self.now):
            step = self.state.steps.get(path)
            if step is not None and step.wake_at is not None and step.wake_at <= self.now:
                self.progress.push(path)

    @property
    def is_waiting(self) -> bool:
        """Whether the run is told to wait."""
        return self.state.status is RunStatus.WAITING


def _stop_command(step: StepState) -> Iterator[Command]:
    if step.kind == "workflow" and step.child is not None and step.child.status is None:
        yield CancelChildRun(step.path, step.child.run_id)
    elif step.status is StepStatus.QUEUED or (
        step.status is StepStatus.RUNNING
        and step.recovering is None
        and step.kind not in ("loop", "workflow", ITEM)
    ):
        yield StopStep(step.path, step.attempt)
