"""A topic that only remembers."""

from dataclasses import dataclass

from flowloom_contracts.base import Event


@dataclass(frozen=True, slots=True)
class Published:
    """One event that was handed over."""

    topic: str
    event: Event
    event_id: str
    type: str


class InMemoryEventBus:
    """See `EventBus`."""

    def __init__(self) -> None:
        self.published: list[Published] = []

    async def publish(self, topic: str, event: Event, *, event_id: str, type: str) -> None:
        """Remember the event."""
        self.published.append(Published(str(topic), event, event_id, type))
