"""Events onto a topic, as CloudEvents."""

from typing import Final, Protocol

import orjson

from flowloom_contracts.base import Event
from flowloom_contracts.topics import Component
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.tracing import TRACEPARENT, carrier

PUBLISH_SECONDS: Final = 5.0


class EventBus(Protocol):
    """Takes events for whoever has subscribed."""

    async def publish(self, topic: str, event: Event, *, event_id: str, type: str) -> None:
        """Hand over one event; the same `event_id` may arrive more than once. Raises `UpstreamError`."""


class EventPublisher:
    """Publishes through the sidecar; call it from an outbox relay, after the commit."""

    def __init__(self, sidecar: Sidecar, source: str) -> None:
        self._sidecar = sidecar
        self._source = source

    async def publish(self, topic: str, event: Event, *, event_id: str, type: str) -> None:
        """See `EventBus.publish`; `type` is the versioned name, such as `run.started.v1`."""
        envelope = {
            "specversion": "1.0",
            "id": event_id,
            "source": self._source,
            "type": type,
            "datacontenttype": "application/json",
            "data": event.model_dump(mode="json", exclude_none=True),
            **{name: value for name, value in carrier().items() if name == TRACEPARENT},
        }
        response = await self._sidecar.send(
            "POST",
            f"/v1.0/publish/{Component.PUBSUB}/{topic}",
            timeout_s=PUBLISH_SECONDS,
            content=orjson.dumps(envelope),
            headers={"content-type": "application/cloudevents+json"},
        )
        if response.status_code >= 300:
            raise UpstreamError(f"topic {str(topic)!r} did not take the event ({response.status_code})")
