"""When an accepted run may begin: slots, places in the queue, and the keys of `limits.concurrency`."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final, Literal

from flowloom_contracts.base import JsonObject
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import RunStatus
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.plan import Plan
from flowloom_language.scopes import text_of
from flowloom_language.state import RunState
from flowloom_servicekit.errors import ConflictError, DomainError
from orchestrator.domain.errors import InvalidInputsError
from orchestrator.domain.records import OutboxItem, OutboxKind, RunRecord, StoredChange

MAX_SHOWN: Final = 100
"""Characters of a key that a message repeats."""


class ConcurrencyLimitError(ConflictError):
    """As many runs of this key as the document allows are there already, and it says `on_full: reject`."""

    title = "Too many runs at the same time"


class ConcurrencyKeyError(InvalidInputsError):
    """`limits.concurrency.key` has no value for these inputs."""

    title = "The concurrency key cannot be evaluated"


class WaitsForItselfError(ConflictError):
    """The runs that wait for this one hold all that its key allows."""

    title = "The run would wait for itself"


class TooManyQueuedError(DomainError):
    """The workspace has as many runs in the queue as it may have."""

    status: ClassVar[int] = 429
    title = "Too many runs are queued"


@dataclass(frozen=True)
class Slots:
    """How many runs may be in progress; those that wait for people, events or long timers are not counted."""

    at_once: int = 200
    per_workspace: int = 50


@dataclass(frozen=True)
class KeyLimit:
    """The key of a run and how many of it there may be between their admission and their end."""

    key: str
    """A digest of workspace, workflow and value: it says which runs are counted together."""
    shown: str
    max: int
    on_full: Literal["queue", "reject", "cancel_oldest"]


def key_limit(plan: Plan, state: RunState, *, workspace_id: str, workflow_id: str) -> KeyLimit | None:
    """Return the key of a new run, if its document has one; raises `ConcurrencyKeyError`."""
    written = plan.limits.concurrency
    if written is None:
        return None
    shown = "" if written.key is None else _value(written.key, state)
    told = "\0".join((workspace_id, workflow_id, shown))
    return KeyLimit(
        key=hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest(),
        shown=shown[:MAX_SHOWN],
        max=written.max,
        on_full=written.on_full,
    )


def _value(key: str, state: RunState) -> str:
    scope = {"inputs": state.inputs, "run": state.run.scope(), "trigger": state.run.trigger}
    try:
        return text_of(key, scope)
    except ExpressionError as error:
        path = "limits.concurrency.key"
        wrong = FieldProblem(path=path, code="expression", message=str(error))
        raise ConcurrencyKeyError(f"{path} {key!r}: {error}", errors=[wrong]) from error


def refusal(limit: KeyLimit) -> ConcurrencyLimitError:
    """Return the error of a run that `on_full: reject` keeps out."""
    counted = f"with the key {limit.shown!r}" if limit.shown else "of this workflow"
    return ConcurrencyLimitError(
        f"{limit.max} runs {counted} are there already; limits.concurrency takes no more (on_full: reject)."
        " Start this one when one of them has ended."
    )


def waits_for_itself(limit: KeyLimit) -> WaitsForItselfError:
    """Return the error of a run that the runs above it keep from starting, while they wait for its end."""
    counted = f"the key {limit.shown!r}" if limit.shown else "the only places of this workflow"
    return WaitsForItselfError(
        f"The runs that wait for this one hold {counted} of limits.concurrency, so it could never start."
        " Use another key, a larger max, or mode: detach."
    )


def limit_of_retry(record: RunRecord) -> KeyLimit | None:
    """Return the key of a run that is tried again; where it is full the run waits, whatever it says."""
    limit = key_limit(
        record.plan, record.state, workspace_id=record.workspace_id, workflow_id=record.workflow.id
    )
    return replace(limit, on_full="queue") if limit is not None and limit.on_full == "reject" else limit


def is_tried_again(change: StoredChange) -> bool:
    """Whether a change begins a run's next attempt.

    One that starts another driver of the present attempt leaves the run on its place, queued or not.
    """
    record = change.record
    return record.state.status is RunStatus.QUEUED and record.driver == 0 and start_of(change.outbox) != {}


def without_start(items: Sequence[OutboxItem]) -> tuple[OutboxItem, ...]:
    """Return the outbox of a run that has to wait before its driver is started."""
    return tuple(item for item in items if item.kind is not OutboxKind.SCHEDULE)


def start_of(items: Sequence[OutboxItem]) -> JsonObject:
    """Return what starts the driver of a new run."""
    return next((item.payload for item in items if item.kind is OutboxKind.SCHEDULE), {})


class PlaceState(StrEnum):
    """Where a run that has not ended stands."""

    BLOCKED = "blocked"
    """It waits until there are fewer runs of its key."""
    QUEUED = "queued"
    """It waits for a slot; its key, if it has one, is its own already."""
    RUNNING = "running"
    """It has a slot."""
    PARKED = "parked"
    """Admitted, but without a slot: it waits for a person, an event or a long timer, or is paused."""


_WAITING: Final = (PlaceState.BLOCKED, PlaceState.QUEUED)


@dataclass(frozen=True)
class Place:
    """A run from its acceptance to its end; `schedule` is what starts its driver."""

    run_id: str
    workspace_id: str
    state: PlaceState
    schedule: JsonObject
    priority: int = 0
    paused: bool = False
    waited_for: bool = False
    limit: KeyLimit | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it would be admitted if there were room."""
        return self.state in _WAITING and not self.paused

    @property
    def order(self) -> tuple[int, str]:
        """Sorts the queue of a workspace: priority, then age, which is in the id."""
        return (-self.priority, self.run_id)

    def following(self, status: RunStatus, *, is_asleep: bool = False) -> "Place":
        """Return the place after a change of the run that does not end it."""
        if status in (RunStatus.WAITING, RunStatus.PAUSED) or is_asleep:
            parked = PlaceState.PARKED if self.state is PlaceState.RUNNING else self.state
            return replace(self, state=parked, paused=status is RunStatus.PAUSED)
        if self.state in _WAITING and status is RunStatus.QUEUED:
            return replace(self, paused=False)
        return replace(self, state=PlaceState.RUNNING, paused=False)


def chosen(
    queued: Collection[Place], in_progress: Mapping[str, int], slots: Slots, *, limit: int
) -> list[Place]:
    """Return who is admitted next, at most `limit`: workspaces with the fewest runs in progress go first.

    Each admission counts at once, so that equals take turns; inside a workspace priority and then age decide.
    """
    counts = dict(in_progress)
    turns: list[tuple[int, str, Place]] = []
    for place in sorted(queued, key=lambda place: place.order):
        counts[place.workspace_id] = turn = counts.get(place.workspace_id, 0) + 1
        if turn <= slots.per_workspace:
            turns.append((turn, place.run_id, place))
    free = max(slots.at_once - sum(in_progress.values()), 0)
    first = [place for _, _, place in sorted(turns, key=lambda turn: turn[:2])][: min(limit, free)]
    # Whoever is waited for needs no free slot: the run above may hold the last one.
    return first + [place for place in queued if place.waited_for and place not in first]
