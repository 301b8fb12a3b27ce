"""Deliveries of a topic: what is taken, what comes again, what is given up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, Literal, Protocol, TypeVar

import orjson
import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from flowloom_contracts.base import Event, JsonValue
from flowloom_contracts.topics import Component, Topic, dead_letter
from flowloom_servicekit.errors import DomainError, RemoteProblemError, UpstreamError
from flowloom_servicekit.metrics import EVENTS_HANDLED
from flowloom_servicekit.tracing import TRACEPARENT, attached, span

log = structlog.get_logger(__name__)

SUBSCRIPTIONS_PATH: Final = "/subscriptions"

E = TypeVar("E", bound=Event)
Outcome = Literal["SUCCESS", "RETRY", "DROP"]


class _CloudEvent(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    type: str = ""
    source: str = ""
    data: JsonValue = None
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Delivery(Generic[E]):
    """One event as it arrived; the same `id` can arrive more than once."""

    id: str
    type: str
    source: str
    data: E


@dataclass(frozen=True, slots=True)
class Subscription(Generic[E]):
    """A topic and the handler of its events; the handler only enqueues, and is idempotent.

    `DomainError` gives the event up, `UpstreamError` asks for it again, and so does any other error until the
    resiliency policy moves it to the dead-letter topic.
    """

    topic: Topic
    event: type[E]
    handle: Callable[[Delivery[E], Request], Awaitable[None]]

    async def receive(self, request: Request) -> "DeliveryAnswer":
        """Answer one delivery of the sidecar."""
        outcome = await _deliver(self, await request.body(), request)
        EVENTS_HANDLED.labels(str(self.topic), outcome.lower()).inc()
        return DeliveryAnswer(status=outcome)


class Receiver(Protocol):
    """A subscription to events of whatever kind."""

    @property
    def topic(self) -> Topic:
        """What is subscribed to."""

    async def receive(self, request: Request) -> "DeliveryAnswer":
        """Answer one delivery of the sidecar."""


class DeliveryAnswer(BaseModel):
    """What Dapr wants to hear."""

    status: Outcome


def subscriptions(*wanted: Receiver) -> APIRouter:
    """Return the router with the list for the sidecar and one route a topic; a service has one of it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/dapr/subscribe")
    async def list_subscriptions() -> list[dict[str, str]]:
        return [
            {
                "pubsubname": Component.PUBSUB,
                "topic": subscription.topic,
                "route": f"{SUBSCRIPTIONS_PATH}/{subscription.topic}",
                "deadLetterTopic": dead_letter(subscription.topic),
            }
            for subscription in wanted
        ]

    for subscription in wanted:
        router.add_api_route(
            f"{SUBSCRIPTIONS_PATH}/{subscription.topic}",
            subscription.receive,
            methods=["POST"],
            name=f"receive_{subscription.topic}",
        )
    return router


async def _deliver(subscription: Subscription[E], body: bytes, request: Request) -> Outcome:
    """Return the answer instead of raising: on Redis an answer of 500 alone would lose the event."""
    where = log.bind(topic=str(subscription.topic))
    try:
        envelope = _CloudEvent.model_validate(orjson.loads(body))
        data = subscription.event.model_validate(envelope.data)
    except (ValidationError, orjson.JSONDecodeError):
        where.warning("an event was given up: another shape than expected")
        return "DROP"
    delivery = Delivery(envelope.id, envelope.type, envelope.source, data)
    try:
        with (
            attached({TRACEPARENT: envelope.traceparent}),
            span(f"receive {subscription.topic}", kind="consumer"),
        ):
            await subscription.handle(delivery, request)
    except (DomainError, UpstreamError) as error:
        if isinstance(error, DomainError) or (
            isinstance(error, RemoteProblemError) and error.is_callers_fault
        ):
            where.info("an event was given up", event_id=delivery.id, error=repr(error))
            return "DROP"
        where.warning("an event will come again", event_id=delivery.id, error=repr(error))
        return "RETRY"
    except Exception:  # noqa: BLE001 - the subscription wrapper, one of the three places for it
        where.exception("an event could not be handled", event_id=delivery.id)
        return "RETRY"
    return "SUCCESS"
