"""Every store of the orchestrator in memory, with the rules of the Postgres ones."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Actor, Run, RunListQuery, RunStatus, StepStatus, Usage
from flowloom_servicekit.streams.writer import Milestone
from orchestrator.domain.admission import Slots, is_tried_again, without_start
from orchestrator.domain.budget_events import budget_event
from orchestrator.domain.budgets import Cap, Granted, PriceOf
from orchestrator.domain.errors import AlreadyReceivedError, IdempotencyConflictError
from orchestrator.domain.files import FilesTaken, NewFile
from orchestrator.domain.journal import BegunCall, CappedCall, KnownCall, judge
from orchestrator.domain.notices import noticed
from orchestrator.domain.records import (
    Committed,
    JournalEntry,
    NewEvent,
    OutboxItem,
    OutboxKind,
    RunRecord,
    StepChangeRow,
    StoredChange,
)
from orchestrator.domain.views import run_view
from orchestrator.ports.outbox import StreamState, Waiting
from orchestrator.ports.reaper import Orphan, Overdue
from orchestrator.ports.runs import NewRun
from orchestrator.ports.views import FrozenDocument, PlacedStep, RunMark
from orchestrator.testing.in_memory_admission import InMemoryAdmission
from orchestrator.testing.in_memory_archive import InMemoryArchive
from orchestrator.testing.in_memory_people import InMemoryPeople
from orchestrator.testing.orphans import orphans_among
from orchestrator.testing.run_filters import is_behind, is_seen, is_wanted

KEY_LIVES = timedelta(hours=24)
_STREAM = (OutboxItem(OutboxKind.STREAM),)


@dataclass
class _Call:
    call: BeginCall
    ended: bool = False
    response: JsonValue = None
    usage: Usage = field(default_factory=Usage)


@dataclass
class _Row:
    record: RunRecord
    document: FrozenDocument
    events: list[NewEvent] = field(default_factory=list)
    steps: dict[str, StepChangeRow] = field(default_factory=dict)
    nudges: int = 0


class InMemoryStores(InMemoryArchive):
    """`RunStore`, `RunViews`, `JournalStore`, `OutboxStore`, `ArchiveStore` and `ReaperStore` in one."""

    def __init__(self, slots: Slots | None = None) -> None:
        super().__init__()
        self.rows: dict[str, _Row] = {}
        self.admission = InMemoryAdmission(slots or Slots(), put=self._put, find=self._record)
        self.outbox: dict[int, tuple[str, OutboxItem]] = {}
        self.calls: dict[tuple[str, str, int, int, int], _Call] = {}
        self.overdue_next: list[Overdue] = []
        self.commits = 0
        self.loads = 0
        self.receipts: set[tuple[str, str]] = set()
        self.people = InMemoryPeople(self._runs, self._record)
        self.taking_files: Callable[[str, FilesTaken], None] | None = None
        self._keys: dict[tuple[str, str], NewRun] = {}
        self._last_outbox_id = 0

    def events(self, run_id: str) -> list[NewEvent]:
        """Return a run's committed events."""
        return self.rows[run_id].events

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`."""
        known = await self.known(new)
        if known is not None:
            return known
        limit = self.admission.limit_of(new)
        if new.idempotency_key is not None:
            self._keys[new.workspace_id, new.idempotency_key] = new
        self.rows[new.id] = _Row(new.record(), FrozenDocument(new.source, new.document_hash))
        if new.files is not None and self.taking_files is not None:
            self.taking_files(new.id, new.files)
        is_admitted = self.admission.created(new, limit)
        return self._wrote(new.id, new.events, new.outbox if is_admitted else without_start(new.outbox))

    async def known(self, new: NewRun) -> str | None:
        """See `RunStore.known`."""
        known = self._keys.get((new.workspace_id, new.idempotency_key or ""))
        if known is None or new.now - known.now > KEY_LIVES:
            return None
        if known.request_hash != new.request_hash:
            raise IdempotencyConflictError(f"The key {new.idempotency_key!r} started another run.")
        return known.id

    async def load(self, run_id: str) -> RunRecord | None:
        """See `RunStore.load`."""
        self.loads += 1
        row = self.rows.get(run_id)
        return None if row is None else row.record

    async def commit(self, change: StoredChange) -> Committed | None:
        """See `RunStore.commit`."""
        row = self.rows[change.record.id]
        if row.record.revision != change.record.revision:
            return None
        receipts = {(change.record.id, event_id) for event_id in change.receipts}
        if receipts & self.receipts:
            raise AlreadyReceivedError(", ".join(change.receipts))
        self.receipts |= receipts
        self.commits += 1
        row.record = replace(change.record.advanced(), epoch=row.record.epoch)
        if not row.record.state.status.is_terminal:
            self.finished_archives.discard(row.record.id)
        row.nudges = 0 if change.driver_seen else row.nudges
        row.steps |= {step.state.path: step for step in change.steps}
        for path in change.left:
            row.steps[path] = replace(row.steps[path], is_live=False)
        for entry in change.journal:
            self._store(change.record.id, entry)
        self.people.take(change)
        self._reopen(change)
        outbox = change.outbox
        if is_tried_again(change) and not self.admission.retried(change):
            outbox = without_start(outbox)
        self.admission.moved(row.record)
        return self._wrote(change.record.id, change.events, outbox)

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """See `RunStore.renew_lease`."""
        row = self.rows.get(run_id)
        if row is None or not self._runs(run_id, step, exec):
            return "gone"
        held = replace(row.record.execution(step), lease_until=until)
        row.record = replace(row.record, executions=row.record.executions.with_changes({step: held}))
        return held.deadline_at

    async def get(self, actor: Actor, run_id: str) -> RunRecord | None:
        """See `RunViews.get`."""
        row = self.rows.get(run_id)
        return row.record if row is not None and is_seen(row.record, actor) else None

    async def mark(self, actor: Actor, run_id: str) -> RunMark | None:
        """See `RunViews.mark`."""
        record = await self.get(actor, run_id)
        return None if record is None else RunMark(record.revision, record.epoch)

    async def page(self, query: RunListQuery) -> Sequence[Run]:
        """See `RunViews.page`."""
        found = [
            run_view(row.record)
            for _, row in sorted(self.rows.items(), reverse=True)
            if is_seen(row.record, query.actor) and is_wanted(row.record, query)
        ]
        in_order = found if query.order == "newest" else found[::-1]
        return [run for run in in_order if is_behind(run.id, query)][: query.limit]

    async def steps(
        self, run_id: str, *, inside: str, after: tuple[int, ...], limit: int
    ) -> Sequence[PlacedStep]:
        """See `RunViews.steps`."""
        found = [
            PlacedStep(row.place, row.state)
            for path, row in self.rows[run_id].steps.items()
            if path.startswith(inside) and row.place > after
        ]
        return sorted(found, key=lambda one: one.place)[:limit]

    async def source(self, run_id: str) -> FrozenDocument:
        """See `RunViews.source`."""
        return self.rows[run_id].document

    async def begin(self, call: BeginCall) -> CallBegun:
        """See `JournalStore.begin`."""
        if not self._runs(call.run_id, call.step, call.exec):
            return CallBegun(outcome="superseded")
        branch = self._branch(call.run_id, call.step, call.attempt, call.call)
        kept = self.calls.get((call.run_id, call.step, call.attempt, call.call, branch))
        known = None
        if kept is not None:
            known = KnownCall(kept.call.request_hash, kept.ended, kept.response, kept.usage, kept.call.effect)
        verdict = judge(call, known)
        if verdict.answer.outcome == "go":
            place = (call.run_id, call.step, call.attempt, call.call, branch + verdict.new_branch)
            self.calls.setdefault(place, _Call(call))
        return verdict.answer

    async def begin_within(
        self, call: BeginCall, caps: Sequence[Cap], *, price: PriceOf, now: datetime
    ) -> CappedCall:
        """See `JournalStore.begin_within`."""
        known = dict(self.calls)
        answer = await self.begin(call)
        if answer.outcome != "go":
            return CappedCall(answer=answer)
        judged = self.people.reserve(call, caps, price=price)
        if not isinstance(judged, Granted):
            self.calls = known
            return CappedCall(refused=judged)
        told = tuple(budget_event(call, "reached", data, now) for data in judged.told)
        stored = self._wrote(call.run_id, told, (*_STREAM, *noticed(told))) if told else None
        allowed = answer.model_copy(update={"model": judged.model, "max_tokens": judged.max_tokens})
        return CappedCall(answer=allowed, committed=stored)

    async def begun(self, call: EndCall) -> BegunCall | None:
        """See `JournalStore.begun`."""
        place = (call.run_id, call.step, call.attempt, call.call)
        branches = [key[4] for key in self.calls if key[:4] == place]
        if not branches:
            return None
        kept = self.calls[(*place, max(branches))]
        return BegunCall(max(branches), kept.call.name, kept.call.effect)

    async def tell(self, call: BeginCall, event: NewEvent) -> Committed | None:
        """See `JournalStore.tell`."""
        if not self._runs(call.run_id, call.step, call.exec):
            return None
        return self._wrote(call.run_id, (event,), _STREAM)

    async def end(
        self, call: EndCall, entry: JournalEntry, event: NewEvent
    ) -> Committed | Literal["known", "superseded"]:
        """See `JournalStore.end`."""
        if not self._runs(call.run_id, call.step, call.exec):
            return "superseded"
        kept = self.calls.get((call.run_id, entry.step, entry.attempt, entry.call, entry.branch))
        if kept is not None and kept.ended and kept.call.exec == call.exec:
            return "known"
        self._store(call.run_id, entry)
        near = self.people.settle(call)
        told = (event, *(budget_event(call, "warned", data, event.at) for data in near))
        return self._wrote(call.run_id, told, (*_STREAM, *noticed(told)))

    async def waiting(
        self, *, older_than: datetime, limit: int, but: Collection[int] = ()
    ) -> Sequence[Waiting]:
        """See `OutboxStore.waiting`; every row is old here."""
        runs: dict[str, list[OutboxItem]] = defaultdict(list)
        for run_id, item in self.outbox.values():
            if item.id not in but:
                runs[run_id].append(item)
        return [Waiting(run_id, tuple(items)) for run_id, items in runs.items()][:limit]

    async def forget(self, ids: Sequence[int]) -> None:
        """See `OutboxStore.forget`."""
        for identity in ids:
            self.outbox.pop(identity, None)

    async def milestones(self, run_id: str, *, after: int = 0) -> Sequence[Milestone]:
        """See `OutboxStore.milestones`."""
        return [
            Milestone(n, event.body, (event.step, event.fence) if event.step and event.fence else None)
            for n, event in enumerate(self.rows[run_id].events, start=1)
            if n > after
        ]

    async def renew_epoch(self, run_id: str, epoch: int) -> int:
        """See `OutboxStore.renew_epoch`."""
        row = self.rows[run_id]
        if row.record.epoch == epoch:
            row.record = replace(row.record, epoch=epoch + 1)
        return row.record.epoch

    async def epoch(self, run_id: str) -> int:
        """See `OutboxStore.epoch`."""
        return self.rows[run_id].record.epoch

    async def moving(self) -> Sequence[str]:
        """See `OutboxStore.moving`."""
        moves = (RunStatus.RUNNING, RunStatus.CANCELLING)
        return [run_id for run_id, row in self.rows.items() if row.record.state.status in moves]

    async def alive(self) -> Sequence[StreamState]:
        """See `OutboxStore.alive`."""
        unarchived = {run_id for run_id, item in self.outbox.values() if item.kind is OutboxKind.ARCHIVE}
        return [
            StreamState(run_id, row.record.epoch)
            for run_id, row in self.rows.items()
            if not row.record.state.status.is_terminal or run_id in unarchived
        ]

    async def overdue(self, now: datetime) -> Sequence[Overdue]:
        """Return what a test has put into `overdue_next`."""
        found, self.overdue_next = self.overdue_next, []
        return found

    async def nudge(self, run_id: str) -> int:
        """See `ReaperStore.nudge`."""
        self.rows[run_id].nudges += 1
        return self.rows[run_id].nudges

    async def orphans(self, now: datetime) -> Sequence[Orphan]:
        """See `ReaperStore.orphans`."""
        return orphans_among({run_id: row.record for run_id, row in self.rows.items()})

    async def remove_runs(
        self, finished_before: datetime, *, limit: int, of: str | None = None, but: Collection[str] = ()
    ) -> int:
        """See `RetentionStore.remove_runs`."""
        old = [
            run_id
            for run_id, row in self.rows.items()
            if row.record.state.finished_at is not None
            and row.record.state.finished_at < finished_before
            and run_id in self.finished_archives
            and of in (None, row.record.workspace_id)
            and row.record.workspace_id not in but
        ][:limit]
        for run_id in old:
            del self.rows[run_id]
        return len(old)

    async def drop_months(self, before: datetime) -> int:
        """There are none in memory."""
        return 0

    async def tidy(self, now: datetime) -> None:
        """See `ReaperStore.tidy`."""
        old = [key for key, new in self._keys.items() if now - new.now > KEY_LIVES]
        for key in old:
            del self._keys[key]

    def tell_of_file(self, new: NewFile, event: NewEvent) -> Committed | None:
        """Add the event of a file; None when another worker has the step."""
        return (
            self._wrote(new.run_id, (event,), _STREAM) if self._runs(new.run_id, new.step, new.exec) else None
        )

    def _reopen(self, change: StoredChange) -> None:
        for key, call in list(self.calls.items()):
            is_meant = key[0] == change.record.id and key[1] in change.reopened
            if is_meant and not call.ended and call.call.effect == "once":
                del self.calls[key]

    def _runs(self, run_id: str, step: str, exec: int) -> bool:
        record = self.rows[run_id].record
        known = record.state.steps.get(step)
        is_running = known is not None and known.status is StepStatus.RUNNING
        return is_running and record.execution(step).exec == exec

    def _branch(self, run_id: str, step: str, attempt: int, call: int) -> int:
        place = (run_id, step, attempt)
        return max((key[4] for key in self.calls if key[:3] == place and key[3] <= call), default=0)

    def _store(self, run_id: str, entry: JournalEntry) -> None:
        begin = BeginCall(
            run_id=run_id,
            step=entry.step,
            attempt=entry.attempt,
            exec=entry.exec,
            call=entry.call,
            name=entry.name,
            request_hash=entry.request_hash,
        )
        place = (run_id, entry.step, entry.attempt, entry.call, entry.branch)
        kept = self.calls.setdefault(place, _Call(begin))
        kept.ended, kept.response, kept.usage = True, entry.response, entry.usage

    def _wrote(self, run_id: str, events: tuple[NewEvent, ...], outbox: tuple[OutboxItem, ...]) -> Committed:
        row = self.rows[run_id]
        first_n = len(row.events) + 1
        row.events += events
        numbered = tuple(self._put(run_id, item) for item in outbox)
        return Committed(run_id, row.record.epoch, first_n, events, numbered)

    def _put(self, run_id: str, item: OutboxItem) -> OutboxItem:
        self._last_outbox_id += 1
        numbered = replace(item, id=self._last_outbox_id)
        self.outbox[numbered.id] = (run_id, numbered)
        return numbered

    def _record(self, run_id: str) -> RunRecord | None:
        row = self.rows.get(run_id)
        return None if row is None else row.record
