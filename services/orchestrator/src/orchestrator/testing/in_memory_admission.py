"""The queue of accepted runs in memory, with the rules of the Postgres one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flowloom_contracts.runs import RunStatus, StepStatus
from orchestrator.domain.admission import (
    KeyLimit,
    Place,
    PlaceState,
    Slots,
    chosen,
    key_limit,
    limit_of_retry,
    refusal,
    start_of,
    waits_for_itself,
)
from orchestrator.domain.records import OutboxItem, OutboxKind, RunRecord, StoredChange
from orchestrator.ports.admission import Admission, Admitted, Replaced
from orchestrator.ports.runs import NewRun

LONG = timedelta(seconds=30)

PutOutbox = Callable[[str, OutboxItem], OutboxItem]
FindRun = Callable[[str], RunRecord | None]


class InMemoryAdmission:
    """`AdmissionStore`; the stores tell it of runs that are created and changed."""

    def __init__(self, slots: Slots, *, put: PutOutbox, find: FindRun) -> None:
        self.slots = slots
        self.places: dict[str, Place] = {}
        self._checks: list[str] = []
        self._put = put
        self._find = find

    def limit_of(self, new: NewRun) -> KeyLimit | None:
        """Return the key of a new run; raises `ConcurrencyKeyError` and `ConcurrencyLimitError`."""
        limit = key_limit(new.plan, new.state, workspace_id=new.workspace_id, workflow_id=new.workflow.id)
        if limit is None:
            return None
        if new.is_waited_for and self._held_above(new, limit) >= limit.max:
            raise waits_for_itself(limit)
        if limit.on_full == "reject" and len(self._of_key(limit.key)) >= limit.max:
            raise refusal(limit)
        return limit

    def _held_above(self, new: NewRun, limit: KeyLimit) -> int:
        parent, held = new.origin.parent, 0
        while parent is not None:
            place, above = self.places.get(parent.run_id), self._find(parent.run_id)
            held += place is not None and place.limit is not None and place.limit.key == limit.key
            parent = None if above is None else above.origin.parent
        return held

    def created(self, new: NewRun, limit: KeyLimit | None) -> bool:
        """Give a new run its place; return whether it is admitted at once."""
        return self._take(
            Place(
                run_id=new.id,
                workspace_id=new.workspace_id,
                state=PlaceState.QUEUED,
                schedule=start_of(new.outbox),
                priority=new.priority,
                waited_for=new.is_waited_for,
                limit=limit,
            )
        )

    def retried(self, change: StoredChange) -> bool:
        """Give the next attempt of a run its place; return whether it is admitted at once."""
        record = change.record
        return self._take(
            Place(
                run_id=record.id,
                workspace_id=record.workspace_id,
                state=PlaceState.QUEUED,
                schedule=start_of(change.outbox),
                priority=record.priority,
                limit=limit_of_retry(record),
            )
        )

    def _take(self, place: Place) -> bool:
        state = self._first(place)
        self.places[place.run_id] = replace(place, state=state)
        self._checks += [place.limit.key] if place.limit else []
        return state is PlaceState.RUNNING

    def _first(self, place: Place) -> PlaceState:
        if place.limit is not None:
            return PlaceState.BLOCKED
        if place.waited_for:
            return PlaceState.RUNNING
        running = self._in_progress()
        is_full = running.total() >= self.slots.at_once
        is_full = is_full or running[place.workspace_id] >= self.slots.per_workspace
        return PlaceState.QUEUED if is_full or self._queue() else PlaceState.RUNNING

    def moved(self, record: RunRecord) -> None:
        """Let the place of a run follow its status."""
        place, status = self.places.get(record.id), record.state.status
        if status.is_terminal:
            gone = self.places.pop(record.id, None)
            self._checks += [gone.limit.key] if gone and gone.limit else []
        elif place is None:
            again = Place(record.id, record.workspace_id, PlaceState.RUNNING, schedule={})
            self.places[record.id] = again
        else:
            self._follow(place, record)

    def _follow(self, place: Place, record: RunRecord) -> None:
        after = place.following(record.state.status, is_asleep=_is_asleep(record))
        self.places[record.id] = after
        if after.is_waiting and not place.is_waiting and after.limit is not None:
            self._checks.append(after.limit.key)
        never_had_driver = place.state in (PlaceState.QUEUED, PlaceState.BLOCKED)
        if never_had_driver and record.state.status is RunStatus.CANCELLING:
            self._put(record.id, OutboxItem(OutboxKind.SCHEDULE, place.schedule))

    async def admit(self, *, limit: int) -> Admission | None:
        """See `AdmissionStore.admit`."""
        keys, self._checks = list(dict.fromkeys(self._checks)), []
        replaced = [found for key in keys for found in self._check(key)]
        places = chosen(self._queue(), self._in_progress(), self.slots, limit=limit)
        return Admission(
            admitted=tuple(self._admitted(place) for place in places),
            replaced=tuple(replaced),
            is_waiting=await self.is_waiting(),
        )

    def _admitted(self, place: Place) -> Admitted:
        self.places[place.run_id] = replace(place, state=PlaceState.RUNNING)
        item = self._put(place.run_id, OutboxItem(OutboxKind.SCHEDULE, place.schedule))
        record = self._find(place.run_id)
        return Admitted(place.run_id, 1 if record is None else record.epoch, item)

    def _check(self, key: str) -> list[Replaced]:
        there = self._of_key(key)
        replaced: list[Place] = []
        if there and there[-1].limit is not None and there[-1].limit.on_full == "cancel_oldest":
            replaced = there[: -there[-1].limit.max]
            self._checks += [key] if replaced else []
        blocked = sorted(
            (place for place in there if place.state is PlaceState.BLOCKED and not place.paused),
            key=lambda place: place.order,
        )
        most = blocked[0].limit.max if blocked and blocked[0].limit else 0
        held = sum(place.state is not PlaceState.BLOCKED for place in there)
        for place in blocked[: max(most - held, 0)]:
            self.places[place.run_id] = replace(place, state=PlaceState.QUEUED)
        return [Replaced(place.run_id, place.workspace_id) for place in replaced]

    async def is_waiting(self) -> bool:
        """See `AdmissionStore.is_waiting`."""
        return bool(self._checks) or any(place.is_waiting for place in self.places.values())

    async def queued(self, workspace_id: str, *, limit: int) -> int:
        """See `AdmissionStore.queued`."""
        states = (PlaceState.QUEUED, PlaceState.BLOCKED)
        mine = (place for place in self.places.values() if place.workspace_id == workspace_id)
        return min(sum(place.state in states for place in mine), limit)

    def _of_key(self, key: str) -> list[Place]:
        """Return the runs of a key in the order in which they came."""
        return [place for place in self.places.values() if place.limit and place.limit.key == key]

    def _queue(self) -> list[Place]:
        places = self.places.values()
        return [place for place in places if place.state is PlaceState.QUEUED and not place.paused]

    def _in_progress(self) -> Counter[str]:
        places = self.places.values()
        return Counter(place.workspace_id for place in places if place.state is PlaceState.RUNNING)


def _is_asleep(record: RunRecord) -> bool:
    """Whether all that a run waits for is a time that is far away."""
    if record.state.status is not RunStatus.RUNNING or record.wake_at is None:
        return False
    return record.wake_at > datetime.now(UTC) + LONG and not any(
        step.status is StepStatus.QUEUED
        or (step.status is StepStatus.RUNNING and record.execution(step.path).worker is not None)
        for step in record.state.steps.values()
    )
