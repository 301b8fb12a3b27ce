"""Versions, triggers, deliveries, outbox and events in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from flowloom_contracts.api import VersionSummary
from flowloom_contracts.automation import DeliveryStatus, SyncSchedules, UserEvent
from flowloom_contracts.runs import WorkflowRef
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.ids import new_id
from gateway.domain.audit import Deed, as_begun
from gateway.testing.workflows import InMemoryWorkflows
from gateway.vault_ports import Sealed
from gateway.version_ports import (
    KnownDelivery,
    NewDelivery,
    OutboxItem,
    OutboxKind,
    Outcome,
    PendingDelivery,
    Publication,
    StoredTrigger,
    StoredVersion,
)


class InMemoryOutbox:
    """OutboxStore, EventStore and BegunDeeds."""

    def __init__(self) -> None:
        self.items: list[OutboxItem] = []
        self._due: dict[int, datetime] = {}
        self._keys: dict[tuple[str, str], tuple[str, str, datetime]] = {}
        self._count = 0

    def add(self, kind: OutboxKind, about: str, payload: str) -> None:
        """Add an item that is due at once."""
        self._count += 1
        self.items.append(OutboxItem(self._count, kind, about, payload, 0))

    async def due(self, limit: int, *, now: datetime) -> list[OutboxItem]:
        """See `OutboxStore.due`."""
        begin = datetime(1970, 1, 1, tzinfo=UTC)
        return [item for item in self.items if self._due.get(item.id, begin) <= now][:limit]

    async def done(self, item: OutboxItem) -> None:
        """See `OutboxStore.done`."""
        self.items = [
            one for one in self.items if (one.kind, one.about) != (item.kind, item.about) or one.id > item.id
        ]

    async def postpone(self, item: OutboxItem, *, until: datetime) -> None:
        """See `OutboxStore.postpone`."""
        self._due[item.id] = until
        self.items = [
            replace(one, attempts=one.attempts + 1) if one.id == item.id else one for one in self.items
        ]

    async def emit(
        self, event: UserEvent, *, key: str | None, request_hash: str
    ) -> str | Literal["conflict"]:
        """See `EventStore.emit`."""
        known = None if key is None else self._keys.get((event.workspace_id, key))
        if known is not None:
            return known[0] if known[1] == request_hash else "conflict"
        if key is not None:
            self._keys[event.workspace_id, key] = (event.event_id, request_hash, event.at)
        self.add("user-event", event.event_id, event.model_dump_json())
        return event.event_id

    async def keep(self, deed_id: str, deed: Deed, *, until: datetime) -> None:
        """See `BegunDeeds.keep`."""
        self.add("deed", deed_id, as_begun(deed))
        self._due[self.items[-1].id] = until

    async def drop(self, deed_id: str) -> None:
        """See `BegunDeeds.drop`."""
        self.items = [one for one in self.items if (one.kind, one.about) != ("deed", deed_id)]

    async def purge(self, *, before: datetime) -> None:
        """See `EventStore.purge`."""
        self._keys = {key: known for key, known in self._keys.items() if known[2] >= before}


class InMemoryTriggers:
    """See `TriggerStore`."""

    def __init__(self, deliveries: "InMemoryDeliveries") -> None:
        self.kept: dict[str, StoredTrigger] = {}
        self._deliveries = deliveries

    def switch(self, publication: Publication, version: int) -> None:
        """Switch on what a version has, and off what it has no longer."""
        self.switch_off(publication.workflow_id)
        for new in publication.triggers:
            known = next(
                (
                    one
                    for one in self.kept.values()
                    if (one.workflow.id, one.trigger, one.kind)
                    == (publication.workflow_id, new.trigger, new.kind)
                ),
                None,
            )
            stored = StoredTrigger(
                id=known.id if known else new_id(),
                workspace_id=publication.workspace_id,
                workflow=WorkflowRef(id=publication.workflow_id, name=publication.draft.name),
                trigger=new.trigger,
                kind=new.kind,
                version=version,
                spec=new.spec,
                active=True,
                sealed=known.sealed if known else None,
                created_at=known.created_at if known else publication.now,
            )
            self.kept[stored.id] = stored

    def switch_off(self, workflow_id: str) -> None:
        """Switch all triggers of a workflow off."""
        self.kept = {
            key: replace(one, active=False) if one.workflow.id == workflow_id else one
            for key, one in self.kept.items()
        }

    async def hook(self, trigger_id: str) -> StoredTrigger | None:
        """See `TriggerStore.hook`."""
        found = self.kept.get(trigger_id)
        return found if found is not None and found.kind == "webhook" else None

    async def of_id(self, trigger_id: str) -> StoredTrigger | None:
        """See `TriggerStore.of_id`."""
        return self.kept.get(trigger_id)

    async def get(self, workspace_id: str, trigger_id: str) -> StoredTrigger | None:
        """See `TriggerStore.get`."""
        found = await self.hook(trigger_id)
        return found if found is not None and found.workspace_id == workspace_id else None

    async def page(
        self, workspace_id: str, *, after: str | None, limit: int
    ) -> list[tuple[StoredTrigger, datetime | None]]:
        """See `TriggerStore.page`."""
        mine = sorted(
            (
                one
                for one in self.kept.values()
                if (one.workspace_id, one.kind) == (workspace_id, "webhook")
                and (after is None or one.id < after)
            ),
            key=lambda one: one.id,
            reverse=True,
        )
        return [(one, self._deliveries.last_at(one.id)) for one in mine[:limit]]

    async def listening(self, workspace_id: str, topic: str) -> list[StoredTrigger]:
        """See `TriggerStore.listening`."""
        return [
            one
            for one in self.kept.values()
            if one.active and (one.workspace_id, one.kind) == (workspace_id, "event") and _topic(one) == topic
        ]

    async def give_secret(self, workspace_id: str, trigger_id: str, sealed: Sealed) -> bool:
        """See `TriggerStore.give_secret`."""
        found = await self.get(workspace_id, trigger_id)
        if found is not None:
            self.kept[trigger_id] = replace(found, sealed=sealed)
        return found is not None


def _topic(trigger: StoredTrigger) -> object:
    event = trigger.spec.get("event")
    return event.get("topic") if isinstance(event, dict) else None


class InMemoryVersions:
    """See `VersionStore`."""

    def __init__(
        self, workflows: InMemoryWorkflows, triggers: InMemoryTriggers, outbox: InMemoryOutbox
    ) -> None:
        self._workflows = workflows
        self._triggers = triggers
        self._outbox = outbox
        self._kept: dict[tuple[str, str], list[StoredVersion]] = {}
        workflows.on_delete = self._forget

    def _forget(self, workflow_id: str, told: SyncSchedules | None) -> None:
        self._triggers.switch_off(workflow_id)
        self._kept = {key: kept for key, kept in self._kept.items() if key[1] != workflow_id}
        if told is not None:
            self._outbox.add("schedules", workflow_id, told.model_dump_json())

    async def publish(self, publication: Publication) -> int | Literal["missing", "stale"]:
        """See `VersionStore.publish`."""
        workflow = await self._workflows.get(publication.workspace_id, publication.workflow_id)
        if workflow is None:
            return "missing"
        if workflow.revision != publication.revision:
            return "stale"
        kept = self._kept.setdefault((publication.workspace_id, publication.workflow_id), [])
        version = len(kept) + 1
        kept.append(_version(publication, version))
        self._workflows.publish(publication.workspace_id, publication.workflow_id, version)
        self._triggers.switch(publication, version)
        if publication.schedules.schedules or version > 1:
            told = publication.schedules.model_copy(update={"version": version})
            self._outbox.add("schedules", publication.workflow_id, told.model_dump_json())
        return version

    async def page(
        self, workspace_id: str, workflow_id: str, *, after: str | None, limit: int
    ) -> list[tuple[str, VersionSummary]]:
        """See `VersionStore.page`."""
        kept = self._kept.get((workspace_id, workflow_id), [])
        rows = [(one.id, one.summary) for one in reversed(kept) if after is None or one.id < after]
        return rows[:limit]

    async def get(self, workspace_id: str, workflow_id: str, version: int) -> StoredVersion | None:
        """See `VersionStore.get`."""
        kept = self._kept.get((workspace_id, workflow_id), [])
        return next((one for one in kept if one.summary.version == version), None)


def _version(publication: Publication, version: int) -> StoredVersion:
    return StoredVersion(
        id=new_id(),
        summary=VersionSummary(
            version=version,
            note=publication.note,
            published_by=publication.email,
            published_at=publication.now,
            document_hash=publication.document_hash,
        ),
        name=publication.draft.name,
        source=publication.draft.source,
        layout=publication.draft.layout,
        tests=publication.draft.tests,
    )


@dataclass(slots=True)
class _Delivery:
    new: NewDelivery
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None
    run_id: str | None = None
    reason: str | None = None


class InMemoryDeliveries:
    """See `DeliveryStore`; `commits` counts them, and while `failure` is set nothing is kept."""

    def __init__(self) -> None:
        self._kept: dict[str, _Delivery] = {}
        self.commits = 0
        self.failure: FlowloomError | None = None

    async def repeat(self, delivery_id: str) -> None:
        """Play an attempt whose end was never stored."""
        kept = self._kept[delivery_id]
        kept.status, kept.next_at = "pending", kept.new.received_at

    def last_at(self, trigger_id: str) -> datetime | None:
        """Return when a trigger was last called."""
        return max(
            (one.new.received_at for one in self._kept.values() if one.new.trigger_id == trigger_id),
            default=None,
        )

    async def add(self, deliveries: Sequence[NewDelivery]) -> list[str]:
        """See `DeliveryStore.add`."""
        if self.failure is not None:
            raise self.failure
        self.commits += 1
        ids: list[str] = []
        for new in deliveries:
            known = self._equal(new)
            if known is None:
                self._kept[new.id] = _Delivery(new, "pending", 0, new.received_at)
            ids.append(known or new.id)
        return ids

    def _equal(self, new: NewDelivery) -> str | None:
        if new.dedupe is None:
            return None
        wanted = (new.trigger_id, new.dedupe)
        return next(
            (key for key, one in self._kept.items() if (one.new.trigger_id, one.new.dedupe) == wanted), None
        )

    async def due(self, limit: int, *, now: datetime) -> list[PendingDelivery]:
        """See `DeliveryStore.due`."""
        due = [
            PendingDelivery(
                id=one.new.id,
                workspace_id=one.new.workspace_id,
                trigger_id=one.new.trigger_id,
                run_key=one.new.run_key,
                data=one.new.data,
                attempts=one.attempts,
            )
            for one in self._kept.values()
            if one.status == "pending" and one.next_at is not None and one.next_at <= now
        ]
        return due[:limit]

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """See `DeliveryStore.settle`."""
        for outcome in outcomes:
            kept = self._kept[outcome.id]
            if kept.status == "pending":
                kept.status, kept.run_id, kept.reason = outcome.status, outcome.run_id, outcome.reason
                kept.next_at = outcome.next_at
                kept.attempts += int(outcome.counts)

    async def page(
        self,
        workspace_id: str,
        trigger_id: str,
        *,
        status: DeliveryStatus | None,
        after: str | None,
        limit: int,
    ) -> list[KnownDelivery]:
        """See `DeliveryStore.page`."""
        mine = [
            _known(one)
            for key, one in sorted(self._kept.items(), reverse=True)
            if (one.new.workspace_id, one.new.trigger_id) == (workspace_id, trigger_id)
            and status in (None, one.status)
            and (after is None or key < after)
        ]
        return mine[:limit]

    async def get(self, workspace_id: str, trigger_id: str, delivery_id: str) -> KnownDelivery | None:
        """See `DeliveryStore.get`."""
        one = self._kept.get(delivery_id)
        if one is None or (one.new.workspace_id, one.new.trigger_id) != (workspace_id, trigger_id):
            return None
        return _known(one)

    async def purge(self, *, started_before: datetime, dead_before: datetime) -> None:
        """See `DeliveryStore.purge`."""
        limits = {"started": started_before, "dead": dead_before}
        self._kept = {
            key: one
            for key, one in self._kept.items()
            if one.status not in limits or one.new.received_at >= limits[one.status]
        }


def _known(one: _Delivery) -> KnownDelivery:
    return KnownDelivery(
        id=one.new.id,
        trigger_id=one.new.trigger_id,
        status=one.status,
        attempts=one.attempts,
        received_at=one.new.received_at,
        next_at=one.next_at,
        run_id=one.run_id,
        reason=one.reason,
        data=one.new.data,
    )


class SoleLeader:
    """Leads unless a test says otherwise."""

    def __init__(self) -> None:
        self.leads = True

    async def is_mine(self) -> bool:
        """See `Leadership.is_mine`."""
        return self.leads
