"""Every store of the orchestrator in memory, with the rules of the Postgres ones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.base import JsonValue
from flowloom_contracts.events import run_stream
from flowloom_contracts.runs import Run, RunStatus, StepStatus, Usage
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage, check_cursor
from flowloom_servicekit.streams.writer import Milestone
from orchestrator.domain.errors import IdempotencyConflictError
from orchestrator.domain.journal import BegunCall, KnownCall, judge
from orchestrator.domain.records import (
    Committed,
    JournalEntry,
    NewEvent,
    OutboxItem,
    RunRecord,
    StoredChange,
)
from orchestrator.domain.views import run_view
from orchestrator.ports import NewRun, Overdue, StreamState, Waiting

KEY_LIVES = timedelta(hours=24)


@dataclass
class _Call:
    call: BeginCall
    ended: bool = False
    response: JsonValue = None
    usage: Usage = field(default_factory=Usage)


@dataclass
class _Row:
    record: RunRecord
    events: list[NewEvent] = field(default_factory=list)
    nudges: int = 0


class InMemoryStores:
    """`RunStore`, `RunViews`, `JournalStore`, `OutboxStore`, `ArchiveStore` and `ReaperStore` in one."""

    def __init__(self) -> None:
        self.rows: dict[str, _Row] = {}
        self.outbox: dict[int, tuple[str, OutboxItem]] = {}
        self.calls: dict[tuple[str, str, int, int, int], _Call] = {}
        self.archived: dict[str, list[tuple[Cursor, str]]] = defaultdict(list)
        self.finished_archives: set[str] = set()
        self.overdue_next: list[Overdue] = []
        self.commits = 0
        self.loads = 0
        self._keys: dict[tuple[str, str], NewRun] = {}
        self._last_outbox_id = 0

    def events(self, run_id: str) -> list[NewEvent]:
        """Return a run's committed events."""
        return self.rows[run_id].events

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`."""
        if new.idempotency_key is not None:
            key = (new.workspace_id, new.idempotency_key)
            known = self._keys.get(key)
            if known is not None and new.now - known.now <= KEY_LIVES:
                if known.request_hash != new.request_hash:
                    raise IdempotencyConflictError(f"The key {new.idempotency_key!r} started another run.")
                return known.id
            self._keys[key] = new
        self.rows[new.id] = _Row(new.record())
        return self._wrote(new.id, new.events, new.outbox)

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
        self.commits += 1
        row.record = change.record.advanced()
        row.nudges = 0 if change.driver_seen else row.nudges
        for entry in change.journal:
            self._store(change.record.id, entry)
        return self._wrote(change.record.id, change.events, change.outbox)

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """See `RunStore.renew_lease`."""
        row = self.rows.get(run_id)
        if row is None or not self._runs(run_id, step, exec):
            return "gone"
        held = replace(row.record.execution(step), lease_until=until)
        row.record = replace(row.record, executions={**row.record.executions, step: held})
        return held.deadline_at

    async def get(self, workspace_id: str, run_id: str) -> RunRecord | None:
        """See `RunViews.get`."""
        row = self.rows.get(run_id)
        return row.record if row is not None and row.record.workspace_id == workspace_id else None

    async def page(
        self,
        workspace_id: str,
        *,
        workflow_id: str | None,
        status: RunStatus | None,
        before: str | None,
        limit: int,
    ) -> Sequence[Run]:
        """See `RunViews.page`."""
        found = [
            run_view(row.record)
            for run_id, row in sorted(self.rows.items(), reverse=True)
            if row.record.workspace_id == workspace_id
            and workflow_id in (None, row.record.workflow.id)
            and status in (None, row.record.state.status)
            and (before is None or run_id < before)
        ]
        return found[:limit]

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
        return self._wrote(call.run_id, (event,), ())

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
        return self._wrote(call.run_id, (event,), ())

    async def waiting(self, *, older_than: datetime, limit: int) -> Sequence[Waiting]:
        """See `OutboxStore.waiting`; every row is old here."""
        runs: dict[str, list[OutboxItem]] = defaultdict(list)
        for run_id, item in self.outbox.values():
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

    async def alive(self) -> Sequence[StreamState]:
        """See `OutboxStore.alive`."""
        return [
            StreamState(run_id, row.record.epoch)
            for run_id, row in self.rows.items()
            if not row.record.state.status.is_terminal
        ]

    async def keep(self, run_id: str, first: Cursor, bodies: Sequence[str], *, is_last: bool) -> None:
        """See `ArchiveStore.keep`."""
        kept = dict(self.archived[run_id])
        kept |= {Cursor(first.epoch, first.seq + place): body for place, body in enumerate(bodies)}
        self.archived[run_id] = sorted(kept.items())
        if is_last:
            self.finished_archives.add(run_id)

    async def read(self, run_id: str, after: Cursor, limit: int) -> StreamPage | None:
        """See `ArchiveStore.read`."""
        if run_id not in self.finished_archives:
            return None
        kept = self.archived[run_id]
        head = kept[-1][0]
        check_cursor(run_stream(run_id), after, head)
        frames = [Frame(run_stream(run_id), cursor, body) for cursor, body in kept if cursor.seq > after.seq]
        return StreamPage(frames[:limit], head, sealed=True)

    async def overdue(self, now: datetime) -> Sequence[Overdue]:
        """Return what a test has put into `overdue_next`."""
        found, self.overdue_next = self.overdue_next, []
        return found

    async def nudge(self, run_id: str) -> int:
        """See `ReaperStore.nudge`."""
        self.rows[run_id].nudges += 1
        return self.rows[run_id].nudges

    async def tidy(self, now: datetime) -> None:
        """See `ReaperStore.tidy`."""
        old = [key for key, new in self._keys.items() if now - new.now > KEY_LIVES]
        for key in old:
            del self._keys[key]

    def _runs(self, run_id: str, step: str, exec: int) -> bool:
        record = self.rows[run_id].record
        is_running = record.state.steps[step].status is StepStatus.RUNNING
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
        numbered = []
        for item in outbox:
            self._last_outbox_id += 1
            numbered.append(replace(item, id=self._last_outbox_id))
            self.outbox[self._last_outbox_id] = (run_id, numbered[-1])
        return Committed(run_id, row.record.epoch, first_n, events, tuple(numbered))
