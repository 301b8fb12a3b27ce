"""Hands what people did with runs to the topic `audit-events`."""

from flowloom_contracts.topics import Topic
from flowloom_servicekit.dapr.publish import EventBus
from orchestrator.domain.audits import audit_event
from orchestrator.domain.records import OutboxItem
from orchestrator.ports.runs import RunStore


class AuditPublisher:
    """Publishes under the id of the outbox item, so that a second delivery is the same entry."""

    def __init__(self, bus: EventBus, runs: RunStore) -> None:
        self._bus = bus
        self._runs = runs

    async def publish(self, run_id: str, item: OutboxItem) -> None:
        """Publish one deed."""
        record = await self._runs.load(run_id)
        if record is None:
            return
        event = audit_event(record, item)
        await self._bus.publish(Topic.AUDIT_EVENTS, event, event_id=event.event_id, type="audit.v1")
