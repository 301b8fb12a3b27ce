"""Collects what one transaction will change: every state here came out of `flowloom_language.apply`."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from flowloom_contracts.approvals import Approval
from flowloom_contracts.automation import UserEvent
from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import RunFinished
from flowloom_contracts.runs import StepStatus
from flowloom_language.commands import EmitEvent
from flowloom_language.events import Change, StepWaiting
from flowloom_language.places import locate
from flowloom_language.state import ITEM, RunState, StepState
from flowloom_language.transitions import apply
from orchestrator.domain.inbox import Inbox
from orchestrator.domain.large import LargeValue
from orchestrator.domain.lightened import lightened, lighter_item
from orchestrator.domain.milestones import milestone, taken_over
from orchestrator.domain.notices import noticed
from orchestrator.domain.records import (
    NOBODY,
    Execution,
    JournalEntry,
    LedgerChange,
    NewEvent,
    OutboxItem,
    OutboxKind,
    RunRecord,
    StepChangeRow,
    StoredChange,
)
from orchestrator.domain.working_time import elapsed_ms, owners_of_time

GENERATIONS_PER_DRIVER: Final = 1_000_000
"""A driver that replaces another one counts its generations from the next multiple of this."""

_BUSY: Final = (StepStatus.QUEUED, StepStatus.WAITING, StepStatus.RETRYING)


class Draft:
    """A run on its way from one stored revision to the next; costs as much as what changes."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._executions = record.executions
        self._busy = dict.fromkeys(record.busy)
        self._rows: dict[str, StepState] = {}
        self._left: dict[str, Execution] = {}
        self._events: list[NewEvent] = []
        self._outbox: list[OutboxItem] = []
        self._journal: list[JournalEntry] = []
        self._driver, self._generation = record.driver, record.generation
        self._at: datetime | None = None
        self._values: dict[str, LargeValue] = {}
        self._receipts: list[str] = []
        self._ledgers: list[LedgerChange] = []
        self._reopened: list[str] = []
        self._worked: dict[str, int] = {}
        self._forgiven: tuple[str, ...] = ()
        self.inbox = Inbox(record)
        self.state: RunState = record.state
        self.wake_at: datetime | None = record.wake_at
        self.driver_seen = False

    @property
    def record(self) -> RunRecord:
        """The run as this draft would leave it."""
        return self._record.changed(
            {
                "state": self.state,
                "executions": self._executions,
                "driver": self._driver,
                "generation": self._generation,
                "wake_at": self.wake_at,
                "busy": tuple(self._busy),
                "approvals": self.inbox.open,
                "worked": self._work(),
            }
        )

    @property
    def before(self) -> RunRecord:
        """The run as it was: what no change touches can be read here without a copy."""
        return self._record

    @property
    def busy(self) -> tuple[str, ...]:
        """The steps that somebody or something is being waited for, in the order in which that began."""
        return tuple(self._busy)

    def execution(self, path: str) -> Execution:
        """Return who carries out a step now."""
        return self._executions.get(path, NOBODY)

    def apply(self, event: Change, *, execution: Execution | None = None) -> None:
        """Move the state and tell of it; `execution` is who carries out the step from here on."""
        event, large = lightened(event)
        self._values |= {one.ref: one for one in large}
        before = self.state.steps
        self.state = apply(self.state, event)
        self._at = event.at
        for changed in self.state.steps.changed_since(before):
            self._note(changed)
        path: str | None = getattr(event, "path", None)
        if path is not None and (execution is not None or path in self._executions):
            self.set_execution(path, execution or self._after(path, event.at))
        told = milestone(self._record.plan, self.state, event, self.execution(path) if path else NOBODY)
        self._events += () if told is None else (told,)
        self._events += self.inbox.note(self.state, event)
        if isinstance(event, StepWaiting) and event.waits_for is not None:
            awaited: JsonObject = {"name": event.waits_for.name, "at": event.at.isoformat()}
            self._outbox.append(OutboxItem(OutboxKind.AWAIT, awaited))
        if self.state.status.is_terminal and not self._record.state.status.is_terminal:
            self._end(event.at)

    def _after(self, path: str, at: datetime) -> Execution:
        """Return who carries out a step after an event: nobody, or whoever takes it next."""
        self._count_work(path, at)
        ended = self.execution(path).ended()
        step = self.state.steps.get(path)
        if step is None or step.status is not StepStatus.QUEUED:
            return ended
        # The driver has started this attempt before; only another dispatch makes it start it again.
        again = replace(ended, dispatch=ended.dispatch + 1)
        return again.handed_out(at, generation=self._generation)

    def _note(self, path: str) -> None:
        """Remember that the row of a step changes, and whether it is one to wait for."""
        step = self.state.steps.get(path)
        if step is None:
            self._left[path] = self.execution(path)
            self._busy.pop(path, None)
            if path in self._executions:
                self._executions = self._executions.with_changes({path: None})
            return
        self._rows[path] = step
        self._left.pop(path, None)
        if is_busy(step):
            self._busy[path] = None
        else:
            self._busy.pop(path, None)

    def _end(self, at: datetime) -> None:
        self.wake_at = None
        self._outbox += [
            OutboxItem(OutboxKind.FINISHED, self._finished(at)),
            OutboxItem(OutboxKind.ARCHIVE),
        ]
        parent = self._record.origin.parent
        if parent is not None and not parent.detached:
            self._outbox.append(OutboxItem(OutboxKind.CHILD_END))

    def _finished(self, at: datetime) -> JsonObject:
        origin, version = self._record.origin, self._record.version
        actor = origin.actor
        finished = RunFinished(
            run_id=self._record.id,
            workspace_id=self._record.workspace_id,
            workflow_id=self._record.workflow.id,
            status=self.state.status,
            at=at,
            workflow_name=self._record.workflow.name,
            user_id=actor.user_id if actor else None,
            is_child=origin.parent is not None,
            is_private=origin.is_private,
            error=self.state.error,
            attempt=self.state.run.attempt,
            version=version if isinstance(version, int) else None,
            document=_fingerprint(self._record) if version == "draft" else None,
            forked_from=origin.forked_from.run_id if origin.forked_from else None,
        )
        return finished.model_dump(mode="json")

    def emit(self, command: EmitEvent, *, at: datetime) -> None:
        """Tell the workspace after the commit."""
        event = UserEvent(
            workspace_id=self._record.workspace_id,
            event_id=command.event_id,
            name=command.topic,
            data=command.data,
            at=at,
            run_id=self._record.id,
            step=command.path,
        )
        self._outbox.append(OutboxItem(OutboxKind.USER_EVENT, event.model_dump(mode="json")))

    def vote(self, item: Approval) -> None:
        """Change an open item of the inbox, because somebody has said something and others have to."""
        lighter, large = lighter_item(item)
        self._values |= {one.ref: one for one in large}
        self.inbox.keep(item.step, lighter)

    def receive(self, event_id: str) -> None:
        """Remember with this change that a user's event has reached the run: it does so once."""
        self._receipts.append(event_id)

    def set_execution(self, path: str, execution: Execution) -> None:
        """Change who carries out a step, without telling anybody."""
        if path in self.state.steps:
            self._executions = self._executions.with_changes({path: execution})
            self._rows[path] = self.state.steps[path]

    def take_over(self, path: str, execution: Execution, *, at: datetime) -> None:
        """Give a running step to another worker, which starts its attempt from the beginning."""
        self.set_execution(path, execution)
        self._events.append(taken_over(self._record.plan, self.state, path, execution=execution, at=at))

    @property
    def told(self) -> int:
        """How many events the draft has so far."""
        return len(self._events)

    def keep(
        self, entries: tuple[JournalEntry, ...], events: tuple[NewEvent, ...] = (), *, before: int = 0
    ) -> None:
        """Keep calls with this change; their events come before those that were told from `before` on."""
        self._journal += entries
        self._events[before:before] = events

    def tell(self, event: NewEvent) -> None:
        """Tell viewers of something that no change of the state says."""
        self._events.append(event)

    def ask(self, kind: OutboxKind, payload: JsonObject | None = None) -> None:
        """Have something done outside after the commit, at least once."""
        self._outbox.append(OutboxItem(kind, payload or {}))

    def settle_budgets(self, change: LedgerChange) -> None:
        """Change the reached budgets among these, because a person has said so."""
        self._ledgers.append(change)
        self._forgiven += change.overtime

    def _count_work(self, path: str, at: datetime) -> None:
        """Count the time of an attempt that ends, where a budget limits it."""
        worked = elapsed_ms(self.execution(path), at)
        if worked:
            for owner in owners_of_time(self._record, path):
                self._worked[owner] = self._work().get(owner, 0) + worked

    def _work(self) -> Mapping[str, int]:
        if not self._worked and not self._forgiven:
            return self._record.worked
        return {**self._record.worked, **self._worked, **dict.fromkeys(self._forgiven, 0)}

    def reopen_calls(self, path: str) -> None:
        """Let a step make its announced call again, whose result nobody knows."""
        self._reopened.append(path)

    def wake_driver(self) -> None:
        """Let the driver look at the run again after the commit; the reaper does where it does not come."""
        self.wake_at = self._at or self.wake_at
        self.ask(OutboxKind.SIGNAL, {"instance": self.record.driver_instance})

    def replace_driver(self) -> None:
        """Start another driver: the present one does not answer, or is not there any more."""
        self.ask(OutboxKind.TERMINATE, {"instance": self.record.driver_instance})
        self._driver += 1
        self.start_driver()

    def drive_anew(self) -> None:
        """Start the first driver of a run's next attempt."""
        self._driver = 0
        self.start_driver()

    def start_driver(self) -> None:
        """Start the driver that has the present number, under a generation that no other one has."""
        self._generation = (self._generation // GENERATIONS_PER_DRIVER + 1) * GENERATIONS_PER_DRIVER
        self.ask(
            OutboxKind.SCHEDULE, {"instance": self.record.driver_instance, "generation": self._generation}
        )

    def driven_by(self, generation: int) -> None:
        """Note that the driver has asked, and under which generation."""
        self.driver_seen = True
        self._generation = generation

    @property
    def generation(self) -> int:
        """The generation of the driver that new work is handed to."""
        return self._generation

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        is_as_before = self.wake_at == self._record.wake_at and self._generation == self._record.generation
        return is_as_before and not (
            self._rows or self._left or self._events or self._outbox or self._journal or self.inbox.changed
        )

    def stored(self) -> StoredChange:
        """Return everything that the transaction writes."""
        stream = (OutboxItem(OutboxKind.STREAM),) if self._events else ()
        return StoredChange(
            record=self.record,
            steps=tuple(self._row(path, step) for path, step in self._rows.items()),
            left=tuple(path for path in self._left if path not in self._rows),
            events=tuple(self._events),
            outbox=(*stream, *self._outbox, *noticed(self._events)),
            journal=tuple(self._journal),
            driver_seen=self.driver_seen,
            values=tuple(self._values.values()),
            receipts=tuple(self._receipts),
            approvals=self.inbox.changed,
            ledgers=tuple(self._ledgers),
            worked={owner: ms for owner, ms in self._worked.items() if owner not in self._forgiven},
            reopened=tuple(self._reopened),
        )

    def _row(self, path: str, step: StepState) -> StepChangeRow:
        return StepChangeRow(
            state=step,
            execution=self._left.get(path) or self.execution(path),
            place=locate(self._record.plan, path).key,
            is_live=path not in self._left,
        )


def is_busy(step: StepState) -> bool:
    """Whether somebody or something is being waited for at this step itself, not at one inside it."""
    if step.status in _BUSY:
        return True
    is_running = step.status is StepStatus.RUNNING and step.recovering is None
    return is_running and step.kind not in ("loop", ITEM)


def _fingerprint(record: RunRecord) -> str:
    """Return what two runs of a draft have in common when nobody has changed its steps between them."""
    return hashlib.sha256(record.plan.model_dump_json(by_alias=True).encode()).hexdigest()[:16]
