"""What the orchestrator needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.runs import Run, RunStatus, WorkflowRef
from flowloom_language.plan import Plan
from flowloom_language.state import RunState
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.reader import StreamPage
from flowloom_servicekit.streams.writer import Milestone
from orchestrator.domain.journal import BegunCall
from orchestrator.domain.records import (
    Committed,
    JournalEntry,
    NewEvent,
    OutboxItem,
    RunRecord,
    StoredChange,
)


@dataclass(frozen=True)
class NewRun:
    """A run to be stored, with its first event and its outbox."""

    id: str
    workspace_id: str
    workflow: WorkflowRef
    version: int | Literal["draft"]
    source: str
    document_hash: str
    plan: Plan
    state: RunState
    events: tuple[NewEvent, ...]
    outbox: tuple[OutboxItem, ...]
    now: datetime
    idempotency_key: str | None
    request_hash: str

    def record(self) -> RunRecord:
        """Return the run as it is once it is stored."""
        return RunRecord(
            id=self.id,
            workspace_id=self.workspace_id,
            workflow=self.workflow,
            version=self.version,
            plan=self.plan,
            state=self.state,
            executions={},
            created_at=self.now,
            revision=1,
        )


class RunStore(Protocol):
    """Runs by their id, whatever their workspace; only for the orchestrator's own work."""

    async def create(self, new: NewRun) -> Committed | str:
        """Store a run, or return the id of the run that the same key and request made before.

        Raises `IdempotencyConflictError` when the key was used for another request in the last 24 hours.
        """

    async def load(self, run_id: str) -> RunRecord | None:
        """Return a run as it is now."""

    async def commit(self, change: StoredChange) -> Committed | None:
        """Write a change in one transaction; None when the run is not at the change's revision any more."""

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """Extend a lease and return the attempt's deadline; "gone" when another worker has the step."""


class RunViews(Protocol):
    """Runs as people may see them: the tenant filter is here and nowhere else."""

    async def get(self, workspace_id: str, run_id: str) -> RunRecord | None:
        """Return a run of a workspace."""

    async def page(
        self,
        workspace_id: str,
        *,
        workflow_id: str | None,
        status: RunStatus | None,
        before: str | None,
        limit: int,
    ) -> Sequence[Run]:
        """Return runs, newest first, older than the id `before`."""


class JournalStore(Protocol):
    """Calls that steps have made, and the events that tell of them."""

    async def begin(self, call: BeginCall) -> CallBegun:
        """Look a call up; a `once` call is written down before it is made."""

    async def end(
        self, call: EndCall, entry: JournalEntry, event: NewEvent
    ) -> Committed | Literal["known", "superseded"]:
        """Keep an answer with its event.

        `known`: this execution told it before and the answer to that was lost; nothing is added.
        `superseded`: another worker has the step.
        """

    async def tell(self, call: BeginCall, event: NewEvent) -> Committed | None:
        """Add an event of a call that needs no entry; None when another worker has the step."""

    async def begun(self, call: EndCall) -> BegunCall | None:
        """Return how a call was announced."""


@dataclass(frozen=True)
class Waiting:
    """Outbox rows of one run, in order."""

    run_id: str
    items: tuple[OutboxItem, ...]


@dataclass(frozen=True)
class StreamState:
    """A live run's stream."""

    run_id: str
    epoch: int


class OutboxStore(Protocol):
    """What is committed and not yet done outside."""

    async def waiting(self, *, older_than: datetime, limit: int) -> Sequence[Waiting]:
        """Return the runs with rows older than a moment, with all their rows."""

    async def forget(self, ids: Sequence[int]) -> None:
        """Remove rows that are done."""

    async def milestones(self, run_id: str, *, after: int = 0) -> Sequence[Milestone]:
        """Return a run's committed events after a number, in order."""

    async def renew_epoch(self, run_id: str, epoch: int) -> int:
        """Give a run's stream the next epoch, unless it is beyond `epoch` already; return the present one."""

    async def epoch(self, run_id: str) -> int:
        """Return the epoch of a run's stream."""

    async def alive(self) -> Sequence[StreamState]:
        """Return every run that has not ended."""


class ArchiveStore(Protocol):
    """Streams of runs that have ended."""

    async def keep(self, run_id: str, first: Cursor, bodies: Sequence[str], *, is_last: bool) -> None:
        """Keep entries in a row, the first one at a cursor; with the last ones the archive is whole.

        Keeping entries again changes nothing.
        """

    async def read(self, run_id: str, after: Cursor, limit: int) -> StreamPage | None:
        """Return a page of an archived stream, or None when it is not archived as a whole."""


@dataclass(frozen=True)
class Overdue:
    """A step or run that does not move by itself.

    `deadline`: a live worker goes on after its deadline. `lost`: the worker's lease ended and nobody took
    the step. `unclaimed`: handed out, and nobody came. `still`: nothing is in progress, and it stays so.
    """

    run_id: str
    reason: Literal["deadline", "lost", "unclaimed", "still"]
    step: str = ""
    exec: int = 0


class ReaperStore(Protocol):
    """Finds what has stopped moving."""

    async def overdue(self, now: datetime) -> Sequence[Overdue]:
        """Return what is overdue, at most a few hundred; nothing while another process is looking."""

    async def nudge(self, run_id: str) -> int:
        """Count one more wake-up of a run's driver since it last did anything, and return the count."""

    async def tidy(self, now: datetime) -> None:
        """Remove what is out of date and create the partitions ahead."""


class CancelChannel(Protocol):
    """Reaches whoever works on a run, at once and without promise."""

    async def publish_cancel(self, run_id: str) -> None:
        """Tell every worker of a run to stop."""


class Streams(Protocol):
    """Live streams, as the owner of runs sees them; see `StreamWriter` and `StreamReader`."""

    async def append_milestones(
        self, stream: str, milestones: Sequence[Milestone], *, epoch_hint: int = 1
    ) -> list[int | None]:
        """Append milestones in order; raises `StreamLostError` when the stream has to be rebuilt."""

    async def append_deltas(self, stream: str, step: str, exec: int, bodies: Sequence[str]) -> int | None:
        """Append text of a running step."""

    async def rebuild(self, stream: str, epoch: int, milestones: Sequence[Milestone]) -> bool:
        """Start a stream anew under a higher epoch."""

    async def read(self, stream: str, after: Cursor = START, limit: int = 1000) -> StreamPage | None:
        """Return a page; None when the stream is not there; raises `StreamMovedError` for another epoch."""

    async def seal(self, stream: str, ttl_s: int = 3600) -> Cursor | None:
        """Refuse more text and let the stream expire."""

    async def server_id(self) -> str:
        """Return an id that changes when Redis has restarted."""
