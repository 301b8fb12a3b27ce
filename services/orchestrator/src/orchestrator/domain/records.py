"""What is stored of a run, and what one transaction changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from flowloom_contracts.agents import LEASE_SECONDS
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import Usage, WorkflowRef
from flowloom_language.plan import Plan
from flowloom_language.state import RunState, StepState


@dataclass(frozen=True)
class Execution:
    """Who carries out a step; `exec` is the fencing token and only grows, over all attempts."""

    exec: int = 0
    execs_of_attempt: int = 0
    inline: bool = False
    dispatch: int = 0
    worker: str | None = None
    boot_id: str | None = None
    lease_until: datetime | None = None
    deadline_at: datetime | None = None
    queued_at: datetime | None = None

    def taken(
        self, worker: "Worker", *, now: datetime, deadline_at: datetime, inline: bool = False
    ) -> "Execution":
        """Return the execution after a worker has taken the step."""
        return replace(
            self,
            exec=self.exec + 1,
            execs_of_attempt=self.execs_of_attempt + 1,
            inline=inline,
            worker=worker.name,
            boot_id=worker.boot_id,
            lease_until=now + timedelta(seconds=LEASE_SECONDS),
            deadline_at=deadline_at,
        )

    def ended(self) -> "Execution":
        """Return the execution after its attempt has ended; the next one counts its workers anew."""
        return Execution(exec=self.exec, dispatch=self.dispatch)

    def handed_out(self, now: datetime) -> "Execution":
        """Return the execution after the step was handed to the engine, within the same attempt."""
        return replace(
            self, inline=False, worker=None, boot_id=None, lease_until=None, deadline_at=None, queued_at=now
        )


@dataclass(frozen=True)
class Worker:
    """A process that runs steps: its name stays, its boot id changes with each start."""

    name: str
    boot_id: str


@dataclass(frozen=True)
class RunRecord:
    """A run as it is stored; `revision` grows with every change of its state."""

    id: str
    workspace_id: str
    workflow: WorkflowRef
    version: int | Literal["draft"]
    plan: Plan
    state: RunState
    executions: Mapping[str, Execution]
    created_at: datetime
    revision: int
    driver: int = 0
    epoch: int = 1

    def execution(self, path: str) -> Execution:
        """Return who carries out a step; a step that was never handed out has no one."""
        return self.executions.get(path, Execution())

    def advanced(self) -> "RunRecord":
        """Return the record with the revision that a commit of it has stored."""
        return replace(self, revision=self.revision + 1)

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
    ARCHIVE = "archive"


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
    """A step as it is after a change."""

    state: StepState
    execution: Execution


@dataclass(frozen=True)
class StoredChange:
    """Everything that one transaction writes about a run."""

    record: RunRecord
    steps: tuple[StepChangeRow, ...] = ()
    events: tuple[NewEvent, ...] = ()
    outbox: tuple[OutboxItem, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    wake_at: datetime | None = None
    driver_seen: bool = False


@dataclass(frozen=True)
class Committed:
    """What a commit assigned: the number of its first event and the ids of its outbox rows."""

    run_id: str
    epoch: int
    first_n: int
    events: tuple[NewEvent, ...]
    outbox: tuple[OutboxItem, ...]
