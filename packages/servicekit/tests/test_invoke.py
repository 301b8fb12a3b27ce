"""Calls through the sidecar, with the sidecar played at the transport."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from flowloom_contracts.base import Request, Response
from flowloom_contracts.problem import Problem
from flowloom_servicekit.dapr.invoke import ServiceInvoker
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar, SidecarUnavailableError
from flowloom_servicekit.errors import (
    FlowloomError,
    RemoteProblemError,
    StorageFullError,
    StorageUnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.telemetry import redact


class Question(Request):
    """What is asked."""

    text: str


class Reply(Response):
    """What is answered."""

    text: str


Play = Callable[[httpx.Request], httpx.Response]
OK = httpx.Response(200, json={"text": "yes"})


class PlayedSidecar:
    """Answers in turn, the last one for ever; an exception is raised."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | Exception] = [OK]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def played() -> PlayedSidecar:
    return PlayedSidecar()


@pytest.fixture
async def sidecar(settings: ServiceSettings, played: PlayedSidecar) -> AsyncIterator[Sidecar]:
    async with Sidecar(settings, transport=httpx.MockTransport(played)) as sidecar:
        yield sidecar


@pytest.fixture
def invoker(sidecar: Sidecar, keys: Path) -> ServiceInvoker:
    return ServiceInvoker(sidecar, ServiceIdentity("gateway", keys))


def problem(status: int, code: str | None = None) -> httpx.Response:
    body = Problem(type="/problems/x", title="X", status=status, code=code).model_dump_json()
    return httpx.Response(status, content=body, headers={"content-type": "application/problem+json"})


async def ask(invoker: ServiceInvoker, timeout_s: float = 5) -> Reply:
    return await invoker.call("orchestrator", "runs/start", Question(text="?"), Reply, timeout_s=timeout_s)


async def test_a_call_goes_through_the_sidecar_with_both_tokens(
    invoker: ServiceInvoker, played: PlayedSidecar, keys: Path
) -> None:
    assert (await ask(invoker)).text == "yes"
    request = played.requests[0]
    assert str(request.url) == "http://127.0.0.1:20041/v1.0/invoke/orchestrator/method/internal/runs/start"
    assert request.headers["dapr-api-token"] == "sidecar-token"
    assert request.content == b'{"text":"?"}'
    token = request.headers["authorization"].removeprefix("Bearer ")
    assert ServiceIdentity("orchestrator", keys).verify(token) == "gateway"


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("closed"),
        httpx.Response(500, json={"errorCode": "ERR_DIRECT_INVOKE", "message": "no app"}),
        httpx.Response(503),
        problem(503, "storage_unavailable"),
    ],
)
async def test_tries_again_when_a_part_is_away(
    invoker: ServiceInvoker, played: PlayedSidecar, failure: httpx.Response | Exception
) -> None:
    played.answers = [failure, OK]
    assert (await ask(invoker)).text == "yes"
    assert len(played.requests) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(404), RemoteProblemError),
        (problem(401), RemoteProblemError),
        (problem(500), RemoteProblemError),
        (problem(507, "storage_full"), StorageFullError),
        (httpx.ReadTimeout("late"), UpstreamTimeoutError),
        (httpx.Response(200, json={"other": 1}), UpstreamError),
    ],
)
async def test_does_not_try_again_what_would_be_the_same(
    invoker: ServiceInvoker,
    played: PlayedSidecar,
    answer: httpx.Response | Exception,
    error: type[FlowloomError],
) -> None:
    played.answers = [answer]
    with pytest.raises(error):
        await ask(invoker)
    assert len(played.requests) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ConnectError("refused"), SidecarUnavailableError),
        (problem(503, "storage_unavailable"), StorageUnavailableError),
    ],
)
async def test_gives_up_within_the_time(
    invoker: ServiceInvoker, played: PlayedSidecar, answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    played.answers = [answer]
    with pytest.raises(error):
        await ask(invoker, timeout_s=0.2)
    assert len(played.requests) <= 3


async def test_an_event_is_published_as_a_cloud_event(sidecar: Sidecar, played: PlayedSidecar) -> None:
    from flowloom_contracts.base import Event

    class Happened(Event):
        text: str
        note: str | None = None

    played.answers = [httpx.Response(204)]
    publisher = EventPublisher(sidecar, "orchestrator")
    await publisher.publish("run-events", Happened(text="x"), event_id="1", type="run.started.v1")
    request = played.requests[0]
    assert request.url.path == "/v1.0/publish/pubsub/run-events"
    assert b'"data":{"text":"x"}' in request.content and b'"type":"run.started.v1"' in request.content
    played.answers = [httpx.Response(500)]
    with pytest.raises(UpstreamError):
        await publisher.publish("run-events", Happened(text="x"), event_id="1", type="run.started.v1")


def test_logs_hide_secrets_by_name_and_by_look() -> None:
    event = redact(
        None,
        "info",
        {
            "event": "called redis://:hunter2@host with Bearer abc.def",
            "password": "hunter2",
            "api_key": "k",
            "tokens": 12,
            "refresh_token": "t",
            "headers": {"authorization": "x", "accept": "json"},
            "long": "a" * 5_000,
        },
    )
    assert "hunter2" not in str(event) and "abc.def" not in str(event)
    assert (event["password"], event["api_key"], event["refresh_token"]) == ("[redacted]",) * 3
    assert event["headers"] == {"authorization": "[redacted]", "accept": "json"}
    assert event["tokens"] == 12
    assert len(event["long"]) < 2_100
