"""What is known about a run: the value that `apply` moves from one state to the next."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from flowloom_contracts.approvals import Decision, DecisionRequest
from flowloom_contracts.base import Document, JsonObject, JsonValue
from flowloom_contracts.runs import RunError, RunStatus, StepError, StepStatus, Usage
from flowloom_language.plan import Plan
from flowloom_language.step_map import StepMap

if TYPE_CHECKING:
    from flowloom_language.events import Change
    from flowloom_language.progress import Progress

Version: TypeAlias = int | Literal["draft"]
Outcome: TypeAlias = Literal["succeeded", "failed", "cancelled"]
Stage: TypeAlias = Literal["stopping", "undo", "on_failure"]

NO_USAGE: Final = Usage()
ITEM: Final = "item"
"""Kind of the entry of one item or round of a loop."""


class RunFacts(Document):
    """What expressions see as `run`; only `attempt` changes, when a run is retried."""

    id: str
    workflow: str
    version: Version
    trigger: JsonValue = None
    started_at: datetime
    attempt: int = 1

    def scope(self) -> JsonObject:
        """Return the facts as expressions read them."""
        return self._seen

    def again(self, attempt: int) -> "RunFacts":
        """Return the facts of the run's next attempt."""
        return RunFacts(**(self.model_dump() | {"attempt": attempt}))

    @cached_property
    def _seen(self) -> JsonObject:
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedEvent:
    """The event a step waits for; whether one fits, `awaited_events.fits` says."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRun:
    """The run that a `workflow` step started; `status` is None until it has ended."""

    run_id: str
    status: RunStatus | None = None
    outputs: JsonObject | None = None
    error: RunError | None = None


@dataclass(frozen=True, kw_only=True)
class StepState:
    """One step, or one item of a loop: `attempt` is 0 until it is first handed out.

    Without slots, so that a changed copy is two dictionary updates and what nobody has set costs nothing.
    """

    path: str
    kind: str
    status: StepStatus = StepStatus.PENDING
    attempt: int = 0
    output: JsonValue = None
    error: StepError | None = None
    usage: Usage = NO_USAGE
    """All attempts together; a loop has that of its steps."""
    recovered: bool = False
    wake_at: datetime | None = None
    """When `decide` has to look at it again: the end of a wait, a back-off, an expiry."""
    deadline_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    over: list[JsonValue] | None = None
    """The items of a loop, fixed when it began."""
    recovering: StepError | None = None
    """The error for which the steps of `on_error` are running."""
    decision: DecisionRequest | None = None
    """What a person is asked; stays when it is decided."""
    decided: Decision | None = None
    """What the person has said; `decide` turns it into what follows."""
    approved: tuple[str, ...] = ()
    """The workspace rules that a person has approved for this step."""
    waits_for: AwaitedEvent | None = None
    child: ChildRun | None = None
    reused_from: str | None = None
    """The run whose output this is; empty for an output that was given."""
    model_override: str | None = None
    undone: bool = False
    undoes: str | None = None
    """The step that this one takes back."""
    tried: int = 0
    """Attempts made before the run was retried: a retry policy does not count them."""
    floor: int = 0
    """The highest attempt of entries inside that have left."""
    ended: int = 0
    """The how-manieth success of the run this was."""
    unreached: bool = False
    """It was skipped because the run stopped, not because its edges or its condition said so."""
    origin: str | None = None
    """The path of the step its error comes from, if not its own."""
    refs: tuple[str, ...] = ()
    """References to large values inside the output."""
    recovered_from: RunError | None = None
    """The error for which `on_error` has run, whatever came of it."""

    def changed(self, changes: Mapping[str, object]) -> "StepState":
        """Return the step with other values in some fields."""
        made = object.__new__(StepState)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    @staticmethod
    def fresh(path: str, kind: str, *, attempt: int = 0) -> "StepState":
        """Return a step that has not begun; `attempt` counts those of its earlier lives."""
        made = object.__new__(StepState)
        made.__dict__.update(path=path, kind=kind)
        if attempt:
            made.__dict__.update(attempt=attempt, tried=attempt)
        return made

    def to_json(self) -> JsonObject:
        """Return the step as JSON data, without what is as at the beginning."""
        kept = JsonObject()
        for name, value in self.__dict__.items():
            if value != _DEFAULTS[name]:
                kept[name] = value if name in _PLAIN else _written(value)
        return kept

    @classmethod
    def from_json(cls, data: JsonValue) -> "StepState":
        """Return a step that was stored; raises pydantic's ValidationError."""
        return _STEP.validate_python(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A run on its way to its end: why, and how far it is."""

    outcome: Outcome
    error: RunError | None = None
    stage: Stage = "stopping"
    killed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """What a step or item has without running: from another run, or given (`run_id` is empty)."""

    output: JsonValue = None
    tokens: int = 0
    run_id: str = ""
    is_begun: bool = False
    """A round of a loop that begins without asking whether the round before was the last."""
    error: RunError | None = None
    """A step that does not run but fails with this error, so that its `on_error` takes over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a fork changes about a step."""

    prompt: str | None = None
    model: str | None = None


@dataclass(kw_only=True, eq=False)
class _Head:
    """The part of a state that is stored with the run's row."""

    run: RunFacts
    status: RunStatus = RunStatus.QUEUED
    outputs: JsonObject | None = None
    error: RunError | None = None
    usage: Usage = NO_USAGE
    cancel_reason: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    ending: Ending | None = None
    deadline_at: datetime | None = None
    paused_from: RunStatus | None = None
    ended: int = 0
    """How many steps have succeeded."""
    until_step: str | None = None
    """Only this step and what it depends on run."""
    reuse: dict[str, Reuse] = field(default_factory=dict)
    """What steps and items have without running, by their paths, until they take it.

    A path without the numbers of items stands for the step in every item, and stays.
    """
    overrides: dict[str, Override] = field(default_factory=dict)


@dataclass(kw_only=True, eq=False)
class RunState(_Head):
    """A run with all steps it works on, by path. Never changed once it is made; `apply` makes the next."""

    inputs: JsonObject
    steps: StepMap[StepState] = field(default_factory=StepMap)
    progress: "Progress | None" = field(default=None, repr=False)
    """What is derived from the rest, to be quick; the newest state has it. Not stored."""
    successor: "tuple[Change, RunState] | None" = field(default=None, repr=False)
    """The state after the event that was applied last, so that applying it again costs nothing."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunState):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _STORED)

    __hash__ = None  # type: ignore[assignment]  # it holds values that cannot be hashed

    def changed(self, changes: Mapping[str, object]) -> "RunState":
        """Return the state with other values in some fields."""
        made = object.__new__(RunState)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        made.__dict__["successor"] = None
        return made

    def head_json(self) -> bytes:
        """Return the state as JSON, without steps, which have rows, and inputs, which never change."""
        return _HEAD.dump_json(
            _Head(**{name: getattr(self, name) for name in _HEAD_FIELDS}), exclude_defaults=True
        )

    def to_json(self) -> JsonObject:
        """Return all of it as JSON data."""
        head: JsonObject = _HEAD.dump_python(
            _Head(**{name: getattr(self, name) for name in _HEAD_FIELDS}), mode="json", exclude_defaults=True
        )
        return head | {"inputs": self.inputs, "steps": [step.to_json() for step in self.steps.values()]}

    @classmethod
    def from_json(cls, head: JsonObject, inputs: JsonObject, steps: Iterable[StepState]) -> "RunState":
        """Return a state that was stored; raises pydantic's ValidationError."""
        known = {name: value for name, value in head.items() if name in _HEAD_FIELDS}
        read = _HEAD.validate_python(known)
        return cls(
            inputs=inputs,
            steps=StepMap({step.path: step for step in steps}),
            **{name: getattr(read, name) for name in _HEAD_FIELDS},
        )


def _written(value: object) -> JsonValue:
    """Return a part of a step as JSON data."""
    return _ANYTHING.dump_python(value, mode="json")  # type: ignore[no-any-return]  # JSON by its mode


_ANYTHING: Final = TypeAdapter(object)
_PLAIN: Final = frozenset(
    {"path", "kind", "attempt", "output", "over", "recovered", "tried", "floor", "ended"}
)
_DEFAULTS: Final = {one.name: one.default for one in fields(StepState)}
_STEP: Final = TypeAdapter(StepState)
_HEAD: Final = TypeAdapter(_Head)
_HEAD_FIELDS: Final = tuple(one.name for one in fields(_Head))
_STORED: Final = (*_HEAD_FIELDS, "inputs", "steps")


def initial_steps(plan: Plan, known: Container[str] = ()) -> list[StepState]:
    """Return the steps of a run before anything happened to them, without those that are known."""
    return [StepState.fresh(step.path, step.kind) for step in plan.steps if step.path not in known]


def initial_state(
    facts: RunFacts,
    inputs: JsonObject,
    plan: Plan,
    *,
    until_step: str | None = None,
    reuse: Mapping[str, Reuse] | None = None,
    overrides: Mapping[str, Override] | None = None,
) -> RunState:
    """Return the state of a run that is accepted and not yet started; `inputs` are resolved already.

    Only `until_step` and what it depends on run, if it is given. `reuse` holds given outputs and those of
    another run.
    """
    return RunState(
        run=facts,
        inputs=inputs,
        steps=StepMap({step.path: step for step in initial_steps(plan)}),
        until_step=until_step,
        reuse=dict(reuse or {}),
        overrides=dict(overrides or {}),
    )
