"""What is stored of a run, and what one transaction changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from flowloom_contracts.agents import LEASE_SECONDS
from flowloom_contracts.approvals import Approval
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.rules import Rule
from flowloom_contracts.runs import Actor, ForkOrigin, Spending, Usage, WorkflowRef
from flowloom_language.plan import Plan
from flowloom_language.state import RunState, StepState
from flowloom_language.step_map import StepMap
from orchestrator.domain.large import LargeValue

EXECS_PER_ATTEMPT: Final = 64
"""More than one attempt can use."""


@dataclass(frozen=True)
class Execution:
    """Who carries out a step; `exec` is the fencing token and only grows, over all attempts.

    `generation` is that of the driver which was told to start it: another one has to be woken at its end.
    """

    exec: int = 0
    execs_of_attempt: int = 0
    inline: bool = False
    dispatch: int = 0
    worker: str | None = None
    boot_id: str | None = None
    lease_until: datetime | None = None
    deadline_at: datetime | None = None
    queued_at: datetime | None = None
    """When it was handed out, or taken by its worker."""
    generation: int = 0

    def taken(
        self, worker: "Worker", *, now: datetime, deadline_at: datetime, attempt: int, inline: bool = False
    ) -> "Execution":
        """Return the execution after a worker has taken the step.

        A step that comes back after it had left counts on from what its earlier attempts can have used.
        """
        return replace(
            self,
            exec=(self.exec or EXECS_PER_ATTEMPT * (attempt - 1)) + 1,
            execs_of_attempt=self.execs_of_attempt + 1,
            inline=inline,
            worker=worker.name,
            boot_id=worker.boot_id,
            lease_until=now + timedelta(seconds=LEASE_SECONDS),
            deadline_at=deadline_at,
            queued_at=now,
        )

    def is_leased(self, now: datetime) -> bool:
        """Whether the lease of its worker still lives."""
        return self.lease_until is not None and self.lease_until > now

    def ended(self) -> "Execution":
        """Return the execution after its attempt has ended; the next one counts its workers anew."""
        return Execution(exec=self.exec, dispatch=self.dispatch)

    def handed_out(self, now: datetime, *, generation: int) -> "Execution":
        """Return the execution after the step was handed to the engine, within the same attempt."""
        return replace(
            self,
            inline=False,
            worker=None,
            boot_id=None,
            lease_until=None,
            deadline_at=None,
            queued_at=now,
            generation=generation,
        )


NOBODY: Final = Execution()


@dataclass(frozen=True)
class Worker:
    """A process that runs steps: its name stays, its boot id changes with each start."""

    name: str
    boot_id: str


@dataclass(frozen=True)
class Parent:
    """The step that started a run; with `detached` nobody waits for it."""

    run_id: str
    step: str
    attempt: int = 1
    detached: bool = False


@dataclass(frozen=True)
class RunOrigin:
    """Where a run comes from; never changes. `depth` counts the runs that stand above it."""

    parent: Parent | None = None
    depth: int = 0
    forked_from: ForkOrigin | None = None
    actor: Actor | None = None
    budget: Spending | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the workflow, for the rules."""
    is_private: bool = False
    """Nobody but the actor may see it."""
    under: tuple[str, ...] = ()
    """The workflows of the runs that stand above it."""
    trace_id: str = ""
    """In which the run was asked for and is carried out."""


NO_ORIGIN: Final = RunOrigin()


@dataclass(frozen=True)
class RunRecord:
    """A run as it is stored; `revision` grows with every change of its state.

    `state.steps` and `executions` hold only what the run still works with; `busy` are the steps among them
    that somebody or something is being waited for. `generation` is that of the driver, over all instances.
    """

    id: str
    workspace_id: str
    workflow: WorkflowRef
    version: int | Literal["draft"]
    plan: Plan
    state: RunState
    executions: StepMap[Execution]
    created_at: datetime
    revision: int
    driver: int = 0
    epoch: int = 1
    generation: int = 0
    wake_at: datetime | None = None
    busy: tuple[str, ...] = ()
    priority: int = 0
    origin: RunOrigin = NO_ORIGIN
    worked: Mapping[str, int] = field(default_factory=dict)
    """Milliseconds that steps have worked, by the budget in seconds that they count against."""
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    """What waits for people, by step."""
    rules: tuple[Rule, ...] | None = None
    """The workspace's rules at this moment, where they are looked at; never stored or kept."""
    values: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    """Large values by reference, as far as the decision in hand looks into them; never stored or kept."""

    def execution(self, path: str) -> Execution:
        """Return who carries out a step; a step that was never handed out has no one."""
        return self.executions.get(path, NOBODY)

    def changed(self, changes: Mapping[str, object]) -> "RunRecord":
        """Return the record with other values in some fields; a step takes a dozen copies of it."""
        made = object.__new__(RunRecord)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    def advanced(self) -> "RunRecord":
        """Return the record with the revision that a commit of it has stored."""
        return self.changed({"revision": self.revision + 1, "values": {}, "rules": None})

    @property
    def driver_instance(self) -> str:
        """The engine's instance id of the present driver; ids are never used twice."""
        return driver_instance(self.id, self.state.run.attempt, self.driver)


def driver_instance(run_id: str, attempt: int, driver: int) -> str:
    """Return the instance id of a run's driver; the first one has the name of the attempt."""
    return f"{run_id}.{attempt}" if driver == 0 else f"{run_id}.{attempt}.{driver}"


@dataclass(frozen=True)
class NewEvent:
    """A milestone to be numbered and stored; `fence` refuses text of a lower exec from here on."""

    type: str
    at: datetime
    body: str
    step: str | None = None
    fence: int | None = None


class OutboxKind(StrEnum):
    """What has to happen outside Postgres after a commit."""

    SCHEDULE = "schedule"
    STREAM = "stream"
    SIGNAL = "signal"
    FINISHED = "finished"
    USER_EVENT = "user_event"
    AWAIT = "await"
    ARCHIVE = "archive"
    REOPEN = "reopen"
    TERMINATE = "terminate"
    CHILD_START = "child_start"
    CHILD_CANCEL = "child_cancel"
    CHILD_END = "child_end"
    NOTICE = "notice"
    AUDIT = "audit"


@dataclass(frozen=True)
class OutboxItem:
    """One thing to be done after the commit, at least once; `id` is 0 until it is stored."""

    kind: OutboxKind
    payload: JsonObject = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True)
class JournalEntry:
    """A call that has been made, to be kept with the change that it led to."""

    step: str
    attempt: int
    call: int
    branch: int
    exec: int
    name: str
    effect: str
    request_hash: str
    response: JsonValue
    usage: Usage
    duration_ms: int


@dataclass(frozen=True)
class StepChangeRow:
    """A step as it is after a change; `place` sorts it in its run, `is_live`: the run still works with it."""

    state: StepState
    execution: Execution
    place: tuple[int, ...] = ()
    is_live: bool = True


@dataclass(frozen=True)
class LedgerChange:
    """What a person has said about those among these budgets that are reached.

    `raised`: the limits become what is written, or where nothing is, grow by what the document gave first.
    """

    owners: tuple[str, ...]
    raised: bool = False
    tokens: int | None = None
    usd_micro: int | None = None
    model: str | None = None
    overtime: tuple[str, ...] = ()
    """Those among them whose time is counted anew."""


@dataclass(frozen=True)
class StoredChange:
    """Everything that one transaction writes about a run; `left` are paths whose rows stop being live."""

    record: RunRecord
    steps: tuple[StepChangeRow, ...] = ()
    left: tuple[str, ...] = ()
    events: tuple[NewEvent, ...] = ()
    outbox: tuple[OutboxItem, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    driver_seen: bool = False
    values: tuple[LargeValue, ...] = ()
    """Kept before the commit that mentions them."""
    approvals: tuple[Approval, ...] = ()
    """Items of the inbox as they are now."""
    ledgers: tuple[LedgerChange, ...] = ()
    worked: Mapping[str, int] = field(default_factory=dict)
    reopened: tuple[str, ...] = ()
    """Steps whose announced call of unknown result may be made again."""
    receipts: tuple[str, ...] = ()
    """Ids of the users' events that steps have received with this change."""

    @property
    def is_wide(self) -> bool:
        """Whether it writes what most changes do not."""
        return bool(self.receipts or self.approvals or self.ledgers or self.worked or self.reopened)


@dataclass(frozen=True)
class Committed:
    """What a commit assigned: the number of its first event and the ids of its outbox rows."""

    run_id: str
    epoch: int
    first_n: int
    events: tuple[NewEvent, ...]
    outbox: tuple[OutboxItem, ...]
