"""Deliveries of a topic: SUCCESS, RETRY, DROP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI, Request

from flowloom_contracts.base import Event
from flowloom_contracts.problem import Problem
from flowloom_contracts.topics import Topic
from flowloom_servicekit.app import create_app
from flowloom_servicekit.dapr.subscribe import Delivery, Subscription, subscriptions
from flowloom_servicekit.errors import ConflictError, RemoteProblemError, UpstreamError
from flowloom_servicekit.settings import ServiceSettings

ACCESS = {"dapr-api-token": "app-token-8f3b1c6e"}


class Happened(Event):
    """Something."""

    what: str


class Recorder:
    """Remembers deliveries and fails on demand."""

    def __init__(self) -> None:
        self.got: list[Delivery[Happened]] = []
        self.failure: Exception | None = None

    async def handle(self, delivery: Delivery[Happened], request: Request) -> None:
        if self.failure is not None:
            raise self.failure
        self.got.append(delivery)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def client(settings: ServiceSettings, recorder: Recorder) -> AsyncIterator[httpx.AsyncClient]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    router = subscriptions(Subscription(Topic.RUN_EVENTS, Happened, recorder.handle))
    app = create_app(app_id="gateway", settings=settings, lifespan=lifespan, routers=[router])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=ACCESS) as client:
        yield client


async def deliver(client: httpx.AsyncClient, data: object) -> str:
    event = {"id": "1", "type": "x.v1", "source": "orchestrator", "data": data}
    answer = await client.post("/subscriptions/run-events", json=event)
    assert answer.status_code == 200
    return str(answer.json()["status"])


async def test_lists_topics_with_their_dead_letters(client: httpx.AsyncClient) -> None:
    assert (await client.get("/dapr/subscribe")).json() == [
        {
            "pubsubname": "pubsub",
            "topic": "run-events",
            "route": "/subscriptions/run-events",
            "deadLetterTopic": "run-events-dead",
        }
    ]


async def test_hands_an_event_over(client: httpx.AsyncClient, recorder: Recorder) -> None:
    assert await deliver(client, {"what": "this", "later_field": 1}) == "SUCCESS"
    assert recorder.got == [Delivery("1", "x.v1", "orchestrator", Happened(what="this"))]


@pytest.mark.parametrize("data", [{}, None, [], {"what": 1}])
async def test_drops_another_shape(client: httpx.AsyncClient, recorder: Recorder, data: object) -> None:
    assert await deliver(client, data) == "DROP"
    assert (await client.post("/subscriptions/run-events", content=b"{")).json() == {"status": "DROP"}
    assert recorder.got == []


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (ConflictError("no"), "DROP"),
        (RemoteProblemError(Problem(type="/problems/x", title="x", status=404)), "DROP"),
        (RemoteProblemError(Problem(type="/problems/x", title="x", status=500)), "RETRY"),
        (UpstreamError("later"), "RETRY"),
        (RuntimeError("bug"), "RETRY"),
    ],
)
async def test_an_error_decides_what_becomes_of_the_event(
    client: httpx.AsyncClient, recorder: Recorder, failure: Exception, outcome: str
) -> None:
    recorder.failure = failure
    assert await deliver(client, {"what": "this"}) == outcome
