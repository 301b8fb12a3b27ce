"""Hands what `emit` steps tell to the topic of users' events."""

from flowloom_contracts.automation import UserEvent
from flowloom_contracts.topics import Topic
from flowloom_language.large_values import bases_in, refs_in, with_values
from flowloom_servicekit.dapr.publish import EventBus
from orchestrator.domain.records import OutboxItem
from orchestrator.usecases.keep_values import ValueKeeper

MAX_EVENT_BYTES = 1_000_000
"""The largest event; of what is larger only the preview travels."""


class UserEventPublisher:
    """Publishes under the id that the step's output has, so that a second delivery is the same event."""

    def __init__(self, bus: EventBus, values: ValueKeeper) -> None:
        self._bus = bus
        self._values = values

    async def publish(self, run_id: str, item: OutboxItem) -> None:
        """Publish one event; large values of the run are put in where they fit into an event."""
        event = UserEvent.model_validate(item.payload)
        refs = refs_in(event.data)
        sizes = [await self._values.store.size(run_id, ref) or 0 for ref in bases_in(event.data)]
        if refs and sum(sizes) <= MAX_EVENT_BYTES:
            found = await self._values.loaded(run_id, refs)
            event = event.model_copy(update={"data": with_values(event.data, found)})
        await self._bus.publish(Topic.USER_EVENTS, event, event_id=event.event_id, type=event.name)
