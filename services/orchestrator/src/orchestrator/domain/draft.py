"""Collects what one transaction will change: every state here came out of `flowloom_language.apply`."""

from dataclasses import replace
from datetime import datetime

from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import RunFinished
from flowloom_language.events import Change
from flowloom_language.state import RunState
from flowloom_language.transitions import apply
from orchestrator.domain.milestones import milestone, taken_over
from orchestrator.domain.records import (
    Execution,
    JournalEntry,
    NewEvent,
    OutboxItem,
    OutboxKind,
    RunRecord,
    StepChangeRow,
    StoredChange,
)


class Draft:
    """A run on its way from one stored revision to the next."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._changed: dict[str, None] = {}
        self._executions = dict(record.executions)
        self._events: list[NewEvent] = []
        self._outbox: list[OutboxItem] = []
        self._journal: list[JournalEntry] = []
        self._driver = record.driver
        self.state: RunState = record.state
        self.wake_at: datetime | None = None
        self.driver_seen = False

    @property
    def record(self) -> RunRecord:
        """The run as this draft would leave it."""
        return replace(self._record, state=self.state, executions=self._executions, driver=self._driver)

    def execution(self, path: str) -> Execution:
        """Return who carries out a step now."""
        return self._executions.get(path, Execution())

    def apply(self, event: Change, *, execution: Execution | None = None) -> None:
        """Move the state and tell of it; `execution` is who carries out the step from here on."""
        self.state = apply(self.state, event)
        path: str | None = getattr(event, "path", None)
        if path is not None:
            self.set_execution(path, execution or self.execution(path).ended())
        self._events.append(
            milestone(self._record.plan, self.state, event, self.execution(path) if path else Execution())
        )
        if self.state.status.is_terminal and not self._record.state.status.is_terminal:
            self._outbox += [
                OutboxItem(OutboxKind.FINISHED, self._finished(event.at)),
                OutboxItem(OutboxKind.ARCHIVE),
            ]

    def _finished(self, at: datetime) -> JsonObject:
        finished = RunFinished(
            run_id=self._record.id,
            workspace_id=self._record.workspace_id,
            workflow_id=self._record.workflow.id,
            status=self.state.status,
            at=at,
        )
        return finished.model_dump(mode="json")

    def set_execution(self, path: str, execution: Execution) -> None:
        """Change who carries out a step, without telling anybody."""
        self._executions[path] = execution
        self._changed[path] = None

    def take_over(self, path: str, execution: Execution, *, at: datetime) -> None:
        """Give a running step to another worker, which starts its attempt from the beginning."""
        self.set_execution(path, execution)
        self._events.append(taken_over(self._record.plan, self.state, path, execution=execution, at=at))

    def keep(self, entries: tuple[JournalEntry, ...], events: tuple[NewEvent, ...] = ()) -> None:
        """Keep calls with this change; their events come before those of the change itself."""
        self._journal += entries
        self._events[:0] = events

    def wake_driver(self) -> None:
        """Let the driver look at the run again after the commit."""
        self._outbox.append(OutboxItem(OutboxKind.SIGNAL, {"instance": self._record.driver_instance}))

    def replace_driver(self) -> None:
        """Start another driver: the present one does not answer, or is not there any more."""
        self._driver += 1
        self._outbox.append(OutboxItem(OutboxKind.SCHEDULE, {"instance": self.record.driver_instance}))

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self._changed or self._events or self._outbox or self._journal)

    def _next_wake(self) -> datetime | None:
        asleep = (step.wake_at for step in self.state.steps.values() if not step.status.is_terminal)
        return min((wake_at for wake_at in asleep if wake_at is not None), default=None)

    def stored(self) -> StoredChange:
        """Return everything that the transaction writes."""
        stream = (OutboxItem(OutboxKind.STREAM),) if self._events else ()
        return StoredChange(
            record=self.record,
            steps=tuple(
                StepChangeRow(self.state.steps[path], self._executions[path]) for path in self._changed
            ),
            events=tuple(self._events),
            outbox=(*stream, *self._outbox),
            journal=tuple(self._journal),
            wake_at=self._next_wake(),
            driver_seen=self.driver_seen,
        )
