"""What `decide` remembers of a run beside its state, so that an event costs the same in a long run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from flowloom_contracts.runs import TERMINAL_STEP_STATUSES, StepStatus
from flowloom_language.commands import Command
from flowloom_language.large_values import refs_in
from flowloom_language.places import (
    Frame,
    Key,
    Place,
    item_frame,
    locate,
    on_failure_frame,
    prefix_of,
    recovery_frame,
    run_frame,
)
from flowloom_language.plan import Plan
from flowloom_language.state import ITEM, RunState, StepState


@dataclass(slots=True)
class BlockRun:
    """The steps of a frame that have not ended, and the first that failed."""

    frame: Frame
    open: int = 0
    failed: str | None = None


@dataclass(slots=True)
class LoopRun:
    """How many items of a loop have begun, which are open, and the first that failed."""

    begun: int = 0
    open: dict[int, None] = field(default_factory=dict)
    failed: int | None = None
    parallel: int = 0


class Progress:
    """Belongs to the newest state of a run; everything here can be found again in plan and state."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.blocks: dict[str, BlockRun] = {}
        self.loops: dict[str, LoopRun] = {}
        self.blocked: dict[str, int] = {}
        self.starts: dict[str, tuple[Key, Command]] = {}
        self.active = 0
        self.held = 0
        self.has_refs = False
        self.changed: list[tuple[StepState, StepState]] = []
        self._due: list[tuple[Key, str]] = []
        self._timers: list[tuple[datetime, str]] = []

    @property
    def root(self) -> BlockRun:
        """The run's own steps."""
        return self.blocks[""]

    def note(self, before: StepState, after: StepState) -> None:
        """A step has changed; what follows from it is found when `decide` is asked next."""
        self.changed.append((before, after))

    def count(self, step: StepState, by: int) -> None:
        """Count a step in progress: one that somebody works on, or one that waits for somebody."""
        match step.status:
            case StepStatus.QUEUED | StepStatus.RETRYING:
                self.active += by
            case StepStatus.RUNNING if step.kind not in ("loop", ITEM) and step.recovering is None:
                self.active += by
            case StepStatus.WAITING if step.decided is None and (step.decision or step.waits_for):
                self.held += by
            case StepStatus.WAITING:
                self.active += by
            case _:
                pass

    def place(self, path: str) -> Place:
        """Return where a path stands; raises KeyError."""
        prefix = prefix_of(path)
        block = self.blocks.get(prefix)
        step_id = path[len(prefix) :]
        step = block.frame.block.get(step_id) if block else None
        if block is None or step is None:
            return locate(self.plan, path)
        return Place(path, step, block.frame, block.frame.key_of(step_id))

    def push(self, path: str) -> None:
        """Look at a step, item or loop as soon as possible."""
        heappush(self._due, (self.place(path).key, path))

    def pop(self) -> str | None:
        """Return the next path to look at, in the order of the document."""
        return heappop(self._due)[1] if self._due else None

    @property
    def due(self) -> list[str]:
        """The paths to look at."""
        return [path for _, path in self._due]

    def add_timer(self, step: StepState) -> None:
        """Look at a step again when its time has come."""
        if step.wake_at is not None:
            heappush(self._timers, (step.wake_at, step.path))

    def next_timer(self, is_valid: Callable[[datetime, str], bool]) -> datetime | None:
        """Return the earliest time that still counts."""
        while self._timers and not is_valid(*self._timers[0]):
            heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def pop_timers(self, now: datetime) -> list[str]:
        """Return the paths whose time has come."""
        found = list[str]()
        while self._timers and self._timers[0][0] <= now:
            found.append(heappop(self._timers)[1])
        return found

    def enter(self, frame: Frame, state: RunState) -> None:
        """Take up the steps of a frame, whatever has happened to them already."""
        block = self.blocks[frame.prefix] = BlockRun(frame)
        failed = list[StepState]()
        for planned in frame.block.steps:
            step = state.steps.get(frame.prefix + planned.id)
            if step is None:
                continue
            self.has_refs = self.has_refs or bool(step.refs)
            if step.status not in TERMINAL_STEP_STATUSES:
                block.open += 1
                self._take_up(step, state)
            elif step.status is StepStatus.FAILED:
                failed.append(step)
            elif step.kind == "stop" and step.status is StepStatus.SUCCEEDED:
                self.push(step.path)
        if failed:
            block.failed = min(failed, key=lambda one: (one.finished_at is None, one.finished_at)).path

    def _take_up(self, step: StepState, state: RunState) -> None:
        self.count(step, 1)
        self.add_timer(step)
        if step.status is StepStatus.PENDING:
            self._count_sources(step, state)
        elif step.status is StepStatus.RUNNING and step.recovering is not None:
            self.enter(recovery_frame(self.place(step.path)), state)
            self.push(step.path)
        elif step.status is StepStatus.RUNNING and step.kind == "loop":
            self.enter_loop(step, state)
        elif step.child is not None or step.decided is not None:
            self.push(step.path)

    def take_up_alone(self, step: StepState, state: RunState) -> None:
        """Take up a step that stands in no frame: an `undo`."""
        self._take_up(step, state)
        self.push(step.path)

    def _count_sources(self, step: StepState, state: RunState) -> None:
        place = self.place(step.path)
        prefix = place.frame.prefix
        sources = (state.steps.get(prefix + edge.source) for edge in place.step.edges)
        missing = sum(1 for one in sources if one is None or one.status not in TERMINAL_STEP_STATUSES)
        self.blocked[step.path] = missing
        if not missing:
            self.push(step.path)

    def enter_loop(self, step: StepState, state: RunState) -> None:
        """Take up a loop that is running, with the items it has."""
        loop = self.loops[step.path] = LoopRun()
        place = self.place(step.path)
        while (item := state.steps.get(f"{step.path}[{loop.begun}]")) is not None:
            if item.status is StepStatus.RUNNING:
                loop.open[loop.begun] = None
                self.enter(item_frame(place, loop.begun), state)
                self.push(item.path)
            elif item.status is StepStatus.FAILED and loop.failed is None:
                loop.failed = loop.begun
            self.has_refs = self.has_refs or bool(item.refs)
            loop.begun += 1
        self.has_refs = self.has_refs or bool(refs_in(step.over))
        self.push(step.path)

    def leave(self, prefix: str) -> None:
        """Forget a frame whose steps have all ended."""
        block = self.blocks.pop(prefix, None)
        for planned in block.frame.block.steps if block else ():
            self.blocked.pop(prefix + planned.id, None)
            self.starts.pop(prefix + planned.id, None)


def found_again(plan: Plan, state: RunState) -> Progress:
    """Return the progress of a state that comes from outside."""
    progress = Progress(plan)
    progress.has_refs = bool(refs_in(state.inputs))
    progress.enter(run_frame(plan), state)
    stage = state.ending.stage if state.ending else None
    if stage == "on_failure":
        progress.enter(on_failure_frame(plan), state)
    if stage in ("stopping", "undo", "on_failure"):
        for step in state.steps.values():
            if step.undoes is not None and step.status not in TERMINAL_STEP_STATUSES:
                progress.take_up_alone(step, state)
    return progress
