"""Goes through the steps of a fork, and finds what each of them has from the old run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.forks import ForkReport
from flowloom_contracts.runs import RunError, StepStatus
from flowloom_contracts.steps.loop import LoopStep, LoopUntil
from flowloom_language.edges import written_step
from flowloom_language.fork_points import ForkPoints, UnknownForkStepError, start_of
from flowloom_language.places import prefix_of
from flowloom_language.plan import Block, Plan, PlanStep
from flowloom_language.state import Reuse, RunState, StepState

_REUSABLE: Final = (StepStatus.SUCCEEDED, StepStatus.REUSED)


@dataclass(slots=True)
class ForkWalk:
    """What the steps of a fork have without running, and what runs again."""

    points: ForkPoints
    old: RunState
    has_new_inputs: bool = False
    reuse: dict[str, Reuse] = field(default_factory=dict)
    _rerun: list[str] = field(default_factory=list)
    _effects: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with what is given."""
        self.reuse |= {path: Reuse(output=output) for path, output in self.points.given.items()}

    def check_reached(self, plan: Plan) -> None:
        """Raise UnknownForkStepError when the old run has nothing of what stands before the first step."""
        start = self.points.start
        start_of(plan, start)
        owner = start if start.endswith("]") else prefix_of(start)[:-1]
        while owner:
            if owner.endswith(".on_error"):
                owner = owner.removesuffix(".on_error")
                if self._recovered_from(owner) is None:
                    raise UnknownForkStepError(
                        f"The `on_error` of {owner!r} has not run in that run: fork from {owner!r}."
                    )
            elif owner.endswith("]"):
                self._check_item(owner)
                owner = owner.rpartition("[")[0]
            owner = prefix_of(owner)[:-1]

    def _check_item(self, path: str) -> None:
        item = self._entry(path)
        if item is None:
            loop = path.rpartition("[")[0]
            raise UnknownForkStepError(
                f"That run has no {path!r}: it has {len(list(self._items(loop)))} of {loop!r}."
            )
        if item.status is StepStatus.REUSED and item.path != self.points.start:
            whose = f" from run {item.reused_from}: fork that one" if item.reused_from else ""
            raise UnknownForkStepError(f"That run has {path!r} as a whole{whose}.")

    def report(self) -> ForkReport:
        """Return what the fork will do."""
        return ForkReport(
            reused=[path for path, one in self.reuse.items() if one.error is None and not one.is_begun],
            rerun=self._rerun,
            effects=self._effects,
            tokens_saved=sum(one.tokens for one in self.reuse.values()),
        )

    def block(self, block: Block, old: Block, prefix: str = "") -> None:
        """Go through steps that stand beside each other."""
        first = {step.id for step in block.steps if self._runs_again(step, old, prefix + step.id)}
        given = {step.id for step in block.steps if self.points.is_given(prefix + step.id)}
        inner = {step.id for step in block.steps if self._is_partly(step, old, prefix + step.id)} - first
        again = _dependants(block, first | inner | given) - given
        for step in block.steps:
            path = prefix + step.id
            if step.id in given:
                self._take_given(path)
                continue
            if step.id not in again and (entry := self._reusable(path)) is not None:
                self.reuse[path] = self._reused(entry)
                continue
            self._rerun.append(path)
            before = old.get(step.id)
            others = _dependants(block, (first | inner | given) - {step.id})
            if before is not None and step.id in inner and step.id not in others:
                self._inside(step, before, path)
            else:
                self._effects += _effects(step, path)

    def _take_given(self, path: str) -> None:
        """Let a given output stand where its step stands."""
        if path in self.reuse:
            self.reuse[path] = self.reuse.pop(path)

    def _runs_again(self, step: PlanStep, old: Block, path: str) -> bool:
        if self.points.runs_again(path):
            return True
        before = old.get(step.id)
        if before is None or _own(before) != _own(step) or before.model != step.model:
            return True
        reads_inputs = any("inputs" in text for text in step.texts["own"])
        return self._is_partly(step, old, path) and self.has_new_inputs and reads_inputs

    def _is_partly(self, step: PlanStep, old: Block, path: str) -> bool:
        """Whether only something inside a step runs again."""
        before = old.get(step.id)
        if before is None or self._entry(path) is None:
            return False
        return self._is_in_body(step, before, path) or self._is_in_recovery(step, before, path)

    def _is_in_body(self, step: PlanStep, before: PlanStep, path: str) -> bool:
        if step.body is None or before.body is None:
            return False
        return _differ(step.body, before.body) or self.points.is_inside(path, opening="[")

    def _is_in_recovery(self, step: PlanStep, before: PlanStep, path: str) -> bool:
        if step.recovery is None or before.recovery is None or self._recovered_from(path) is None:
            return False
        differs = _differ(step.recovery.block, before.recovery.block)
        return differs or self.points.is_inside(path, opening=".on_error.")

    def _inside(self, step: PlanStep, before: PlanStep, path: str) -> None:
        if step.body is not None and before.body is not None and self._is_in_body(step, before, path):
            self._loop(step, step.body, before.body, path)
        elif step.recovery is not None and before.recovery is not None:
            self.reuse[path] = Reuse(error=self._recovered_from(path))
            self.block(step.recovery.block, before.recovery.block, f"{path}.on_error.")

    def _loop(self, step: PlanStep, body: Block, old: Block, path: str) -> None:
        written, differs = step.step, _differ(body, old)
        in_rounds = isinstance(written, LoopStep) and isinstance(written.loop, LoopUntil)
        for item in self._items(path):
            named = self.points.runs_again(item.path)
            is_touched = differs or named or self.points.is_inside(item.path, opening=".")
            if not is_touched and item.status in _REUSABLE and not item.undone:
                self.reuse[item.path] = self._reused(item)
                continue
            self._rerun.append(item.path)
            if in_rounds:
                self.reuse[item.path] = Reuse(is_begun=True)
            if named or item.status is StepStatus.REUSED:
                self._effects += _effects_inside(body, f"{item.path}.")
            else:
                self.block(body, old, f"{item.path}.")
            if in_rounds:
                break
        loop = self._entry(path)
        if in_rounds or loop is None or loop.status not in _REUSABLE:
            self._effects += _effects_inside(body, f"{path}.")  # of items that the old run may not have had

    def _reused(self, entry: StepState) -> Reuse:
        tokens = entry.usage.tokens + entry.usage.tokens_saved
        return Reuse(output=entry.output, tokens=tokens, run_id=self.old.run.id)

    def _reusable(self, path: str) -> StepState | None:
        entry = self._entry(path)
        is_reusable = entry is not None and entry.status in _REUSABLE and not entry.undone
        return entry if is_reusable else None

    def _recovered_from(self, path: str) -> RunError | None:
        entry = self._entry(path)
        return None if entry is None else entry.recovered_from

    def _items(self, loop: str) -> Iterator[StepState]:
        index = 0
        while (item := self._entry(f"{loop}[{index}]")) is not None:
            yield item
            index += 1

    def _entry(self, path: str) -> StepState | None:
        """Return what the old run has at a path, unless an earlier life of what is around it has left it."""
        entry = self.old.steps.get(path)
        if entry is None:
            return None
        owner = path.rpartition("[")[0] if path.endswith("]") else prefix_of(path)[:-1]
        around = self._entry(owner.removesuffix(".on_error")) if owner else None
        began, changed = around.started_at if around else None, _moment(entry)
        return None if began is not None and changed is not None and changed < began else entry


def _moment(entry: StepState) -> datetime | None:
    return entry.started_at or entry.finished_at


def _dependants(block: Block, first: Iterable[str]) -> set[str]:
    """Return these steps and all that depend on them."""
    found, open_ = set[str](), [*first]
    while open_:
        path = open_.pop()
        if path not in found:
            found.add(path)
            open_ += block.followers.get(path, ())
    return found


def _own(step: PlanStep) -> JsonObject:
    """Return what is written of a step, without the steps inside it."""
    written = {name: value for name, value in written_step(step.step).items() if name != "do"}
    recovery = written.get("on_error")
    if isinstance(recovery, dict):
        written["on_error"] = {name: value for name, value in recovery.items() if name != "do"}
    return written


def _differ(block: Block, old: Block) -> bool:
    """Whether steps that stand beside each other are written differently, or what they get by default."""
    now = [(written_step(step.step), step.model) for step in block.steps]
    return now != [(written_step(step.step), step.model) for step in old.steps]


def is_different_inside(step: PlanStep, before: PlanStep | None) -> bool:
    """Whether the steps inside a step are written differently than before."""
    if before is None:
        return False
    if step.body is not None and before.body is not None and _differ(step.body, before.body):
        return True
    now, then = step.recovery, before.recovery
    return now is not None and then is not None and _differ(now.block, then.block)


def _effects_inside(block: Block, prefix: str) -> list[str]:
    return [path for step in block.steps for path in _effects(step, prefix + step.id)]


def _effects(step: PlanStep, path: str) -> list[str]:
    """Return the steps whose effect outside happens again, also inside loops and `on_error`."""
    inner = [] if step.body is None else _effects_inside(step.body, f"{path}.")
    if step.recovery is not None:
        inner += _effects_inside(step.recovery.block, f"{path}.on_error.")
    is_effect = step.effect != "none" and step.kind not in ("agent", "llm")
    return [path, *inner] if is_effect else inner
