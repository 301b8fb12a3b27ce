"""Tells others what was decided here: schedules and policies the orchestrator, events their topic.

What was begun elsewhere, and nobody has told how it ended, it writes down.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from flowloom_contracts.automation import SyncSchedules, UserEvent
from flowloom_contracts.preferences import WorkspacePolicy
from flowloom_contracts.topics import Topic
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.publish import EventBus
from flowloom_servicekit.errors import UpstreamError
from gateway.audit_ports import AuditLog
from gateway.control_ports import Schedules
from gateway.desk_ports import Policies
from gateway.domain.audit import begun_in, source_of
from gateway.version_ports import OutboxItem, OutboxStore

log = structlog.get_logger(__name__)

BATCH: Final = 100
LONGEST_PAUSE_SECONDS: Final = 60


class OutboxRelay:
    """Carries out batches, for ever until each item is taken: nothing here can be given up."""

    def __init__(
        self,
        *,
        outbox: OutboxStore,
        schedules: Schedules,
        policies: Policies,
        bus: EventBus,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._schedules = schedules
        self._policies = policies
        self._bus = bus
        self._audit = audit
        self._clock = clock

    async def carry_out(self) -> int:
        """Try what is due once; returns how many items that were."""
        due = await self._outbox.due(BATCH, now=self._clock.now())
        for item in _newest(due):
            try:
                await self._tell(item)
            except UpstreamError as error:
                await self._postpone(item, error)
            else:
                await self._outbox.done(item)
        return len(due)

    async def _tell(self, item: OutboxItem) -> None:
        if item.kind == "schedules":
            await self._schedules.sync(SyncSchedules.model_validate_json(item.payload))
            return
        if item.kind == "policy":
            await self._policies.set(WorkspacePolicy.model_validate_json(item.payload))
            return
        if item.kind == "deed":
            await self._audit.add(begun_in(item.payload), source=source_of(item.about))
            return
        event = UserEvent.model_validate_json(item.payload)
        await self._bus.publish(Topic.USER_EVENTS, event, event_id=event.event_id, type=event.name)

    async def _postpone(self, item: OutboxItem, error: UpstreamError) -> None:
        log.warning("others could not be told", kind=item.kind, about=item.about, error=repr(error))
        pause = min(2.0 ** min(item.attempts, 10), LONGEST_PAUSE_SECONDS)
        await self._outbox.postpone(item, until=self._clock.now() + timedelta(seconds=pause))


def _newest(due: Sequence[OutboxItem]) -> list[OutboxItem]:
    """Return the newest item of each thing that is told about; it replaces the older ones."""
    newest = {(item.kind, item.about): item for item in due}
    return [item for item in due if newest[item.kind, item.about] is item]
