"""Runs by their id, for the orchestrator's own work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.runs import WorkflowRef
from flowloom_language.plan import Plan
from flowloom_language.state import RunState
from flowloom_language.step_map import StepMap
from orchestrator.domain.files import FilesTaken
from orchestrator.domain.records import (
    NO_ORIGIN,
    Committed,
    NewEvent,
    OutboxItem,
    RunOrigin,
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
    priority: int = 0
    origin: RunOrigin = NO_ORIGIN
    files: FilesTaken | None = None
    """Of the steps that it reuses; stored with it."""

    @property
    def is_waited_for(self) -> bool:
        """Whether the run above goes on only when this one has ended."""
        return self.origin.parent is not None and not self.origin.parent.detached

    def record(self) -> RunRecord:
        """Return the run as it is once it is stored."""
        return RunRecord(
            id=self.id,
            workspace_id=self.workspace_id,
            workflow=self.workflow,
            version=self.version,
            plan=self.plan,
            state=self.state,
            executions=StepMap(),
            created_at=self.now,
            revision=1,
            priority=self.priority,
            origin=self.origin,
        )


class RunStore(Protocol):
    """Runs by their id, whatever their workspace; only for the orchestrator's own work."""

    async def create(self, new: NewRun) -> Committed | str:
        """Store a run, or return the id of the run that the same key and request made before.

        Raises `IdempotencyConflictError` when the key was used for another request in the last 24 hours.
        """

    async def known(self, new: NewRun) -> str | None:
        """Return the id of the run that the same key and request made before, without storing anything.

        Raises `IdempotencyConflictError` as `create` does.
        """

    async def load(self, run_id: str) -> RunRecord | None:
        """Return a run as it is now."""

    async def commit(self, change: StoredChange) -> Committed | None:
        """Write a change in one transaction; None when the run is not at the change's revision any more."""

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """Extend a lease and return the attempt's deadline; "gone" when another worker has the step."""
