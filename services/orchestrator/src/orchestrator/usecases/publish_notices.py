"""Hands what people want to be told to the topic `notices`."""

from flowloom_contracts.topics import Topic
from flowloom_servicekit.dapr.publish import EventBus
from orchestrator.domain.notices import notice_of
from orchestrator.domain.records import OutboxItem
from orchestrator.ports.runs import RunStore


class NoticePublisher:
    """Publishes under the id of the outbox item, so that a second delivery is the same notice."""

    def __init__(self, bus: EventBus, runs: RunStore) -> None:
        self._bus = bus
        self._runs = runs

    async def publish(self, run_id: str, item: OutboxItem) -> None:
        """Publish one notice; a run that is gone has nothing to tell."""
        record = await self._runs.load(run_id)
        if record is None:
            return
        notice = notice_of(record, item)
        await self._bus.publish(Topic.NOTICES, notice, event_id=notice.id, type="notice.v1")
