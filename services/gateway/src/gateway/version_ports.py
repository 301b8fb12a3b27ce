"""What versions, triggers and their deliveries need from outside, and the records that travel there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.api import VersionSummary
from flowloom_contracts.automation import DeliveryStatus, SyncSchedules, UserEvent
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import WorkflowRef
from gateway.domain.triggers import NewTrigger, TriggerKind
from gateway.ports import Draft
from gateway.vault_ports import Sealed


@dataclass(frozen=True, slots=True)
class Publication:
    """A draft that becomes a version, if it is still at `revision`."""

    workspace_id: str
    workflow_id: str
    revision: int
    draft: Draft
    document_hash: str
    note: str | None
    user_id: str
    email: str | None
    triggers: tuple[NewTrigger, ...]
    schedules: SyncSchedules
    now: datetime


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version with its frozen texts."""

    id: str
    summary: VersionSummary
    name: str
    source: str
    layout: JsonObject
    tests: str


class VersionStore(Protocol):
    """Versions of one workspace at a time; none of them ever changes."""

    async def publish(self, publication: Publication) -> int | Literal["missing", "stale"]:
        """Store the next version and switch its triggers on, those it has no longer off; all or nothing.

        Schedules are told to the orchestrator afterwards, through the outbox.
        """

    async def page(
        self, workspace_id: str, workflow_id: str, *, after: str | None, limit: int
    ) -> list[tuple[str, VersionSummary]]:
        """Return row ids and versions, newest first, from below the row `after`."""

    async def get(self, workspace_id: str, workflow_id: str, version: int) -> StoredVersion | None:
        """Return a version of a workflow of this workspace."""


@dataclass(frozen=True, slots=True)
class StoredTrigger:
    """A webhook or event trigger as it is kept, with the last version that had it."""

    id: str
    workspace_id: str
    workflow: WorkflowRef
    trigger: str
    kind: TriggerKind
    version: int
    spec: JsonObject
    active: bool
    sealed: Sealed | None
    created_at: datetime


class TriggerStore(Protocol):
    """Webhooks and event triggers."""

    async def hook(self, trigger_id: str) -> StoredTrigger | None:
        """Return a webhook of any workspace, active or not: its address is all that a caller knows."""

    async def of_id(self, trigger_id: str) -> StoredTrigger | None:
        """Return a trigger of any kind and workspace, for a delivery that was accepted for it."""

    async def get(self, workspace_id: str, trigger_id: str) -> StoredTrigger | None:
        """Return a webhook of this workspace."""

    async def page(
        self, workspace_id: str, *, after: str | None, limit: int
    ) -> list[tuple[StoredTrigger, datetime | None]]:
        """Return webhooks and when each was last called, newest first, from below the row `after`."""

    async def listening(self, workspace_id: str, topic: str) -> list[StoredTrigger]:
        """Return the active event triggers for a topic."""

    async def give_secret(self, workspace_id: str, trigger_id: str, sealed: Sealed) -> bool:
        """Store a webhook's signing secret over the one it had; False if there is no such webhook."""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """Something that will start one run; `data` is JSON as text, `dedupe` what makes another one the same."""

    id: str
    workspace_id: str
    trigger_id: str
    run_key: str
    data: str
    received_at: datetime
    dedupe: bytes | None = None


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """A delivery that has not started its run yet."""

    id: str
    workspace_id: str
    trigger_id: str
    run_key: str
    data: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt to start a delivery's run."""

    id: str
    status: DeliveryStatus
    run_id: str | None = None
    reason: str | None = None
    next_at: datetime | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class KnownDelivery:
    """A delivery as people see it."""

    id: str
    trigger_id: str
    status: DeliveryStatus
    attempts: int
    received_at: datetime
    next_at: datetime | None
    run_id: str | None
    reason: str | None
    data: str


class DeliveryStore(Protocol):
    """Accepted deliveries, until their runs have started and for a while after."""

    async def add(self, deliveries: Sequence[NewDelivery]) -> list[str]:
        """Store them in one commit; return for each the id that is kept, its own or that of an equal one."""

    async def due(self, limit: int, *, now: datetime) -> list[PendingDelivery]:
        """Return deliveries whose time has come, the oldest first."""

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Store what became of attempts."""

    async def page(
        self,
        workspace_id: str,
        trigger_id: str,
        *,
        status: DeliveryStatus | None,
        after: str | None,
        limit: int,
    ) -> list[KnownDelivery]:
        """Return deliveries of a trigger, newest first, from below the row `after`."""

    async def get(self, workspace_id: str, trigger_id: str, delivery_id: str) -> KnownDelivery | None:
        """Return one delivery."""

    async def purge(self, *, started_before: datetime, dead_before: datetime) -> None:
        """Forget what has ended and was received before these times."""


OutboxKind = Literal["schedules", "user-event", "policy", "deed"]
"""Whom it is for: schedules and policies the orchestrator, events their topic, deeds the audit log."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One thing that others have to be told; of the same kind and `about` only the newest counts."""

    id: int
    kind: OutboxKind
    about: str
    payload: str
    attempts: int


class OutboxStore(Protocol):
    """What was decided here and others have to be told."""

    async def due(self, limit: int, *, now: datetime) -> list[OutboxItem]:
        """Return items whose time has come, the oldest first."""

    async def done(self, item: OutboxItem) -> None:
        """Forget an item and the older ones that it replaces."""

    async def postpone(self, item: OutboxItem, *, until: datetime) -> None:
        """Count an attempt and try again later."""


class EventStore(Protocol):
    """Events that people emit."""

    async def emit(
        self, event: UserEvent, *, key: str | None, request_hash: str
    ) -> str | Literal["conflict"]:
        """Store an event for its topic; with a known key return the id of the event it stood for."""

    async def purge(self, *, before: datetime) -> None:
        """Forget keys that were used before a time."""


class Leadership(Protocol):
    """Which of several gateways carries out what has to happen once."""

    async def is_mine(self) -> bool:
        """Take the lead if nobody has it; say whether this process has it."""
