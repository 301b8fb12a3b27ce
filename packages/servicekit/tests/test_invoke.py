"""Calls through the sidecar, with the sidecar played at the transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
import pytest

from flowloom_contracts.base import Request, Response
from flowloom_contracts.problem import Problem
from flowloom_servicekit.callers import MANDATE_HEADER
from flowloom_servicekit.dapr.invoke import ServiceInvoker
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar, SidecarAnswer, SidecarUnavailableError
from flowloom_servicekit.errors import (
    FlowloomError,
    RemoteProblemError,
    StorageFullError,
    StorageUnavailableError,
    UpstreamError,
    UpstreamTimeoutError,
)
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.mandates import MandateBook
from flowloom_servicekit.outbound.errors import (
    ConnectionGoneError,
    OutboundTimeoutError,
    UpstreamUnreachableError,
)
from flowloom_servicekit.outbound.request import OutboundRequest
from flowloom_servicekit.outbound.targets import Target
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.telemetry import redact


class Question(Request):
    """What is asked."""

    text: str
    workspace_id: str = "ws-1"
    run_id: str | None = None


class Reply(Response):
    """What is answered."""

    text: str


def answer_of(status: int, content: object = None, kind: str = "application/json") -> SidecarAnswer:
    body = b"" if content is None else orjson.dumps(content)
    return SidecarAnswer(status, {"content-type": kind}, body)


OK = answer_of(200, {"text": "yes"})


class PlayedSidecar:
    """Answers in turn, the last one for ever; an exception is raised."""

    def __init__(self) -> None:
        self.answers: list[SidecarAnswer | Exception] = [OK]
        self.requests: list[OutboundRequest] = []

    async def exchange(self, request: OutboundRequest, target: Target) -> SidecarAnswer:
        """Remember a request and give the next answer."""
        assert request.url == target
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def played() -> PlayedSidecar:
    return PlayedSidecar()


@pytest.fixture
async def sidecar(settings: ServiceSettings, played: PlayedSidecar) -> AsyncIterator[Sidecar]:
    async with Sidecar(settings, wire=played) as sidecar:
        yield sidecar


@pytest.fixture
def invoker(sidecar: Sidecar, keys: Path) -> ServiceInvoker:
    return ServiceInvoker(sidecar, ServiceIdentity("gateway", keys))


def problem(status: int, code: str | None = None) -> SidecarAnswer:
    body = Problem(type="/problems/x", title="X", status=status, code=code).model_dump(mode="json")
    return answer_of(status, body, "application/problem+json")


async def ask(invoker: ServiceInvoker, timeout_s: float = 5) -> Reply:
    return await invoker.call("orchestrator", "runs/start", Question(text="?"), Reply, timeout_s=timeout_s)


async def test_a_call_goes_through_the_sidecar_with_both_tokens(
    invoker: ServiceInvoker, played: PlayedSidecar, keys: Path
) -> None:
    assert (await ask(invoker)).text == "yes"
    request = played.requests[0]
    assert str(request.url) == "http://127.0.0.1:20041/v1.0/invoke/orchestrator/method/internal/runs/start"
    assert request.headers["dapr-api-token"] == "sidecar-token-8f3b1c6e"
    assert orjson.loads(request.body or b"") == {"text": "?", "workspace_id": "ws-1", "run_id": None}
    token = request.headers["authorization"].removeprefix("Bearer ")
    said = ServiceIdentity("orchestrator", keys).verify(token)
    assert (said.app_id, said.scopes) == ("gateway", {"runs:start"})
    assert (said.workspace_id, said.run_id) == ("ws-1", None)
    assert MANDATE_HEADER not in request.headers


async def test_shows_the_mandate_of_the_workspace_that_is_asked_about(
    sidecar: Sidecar, played: PlayedSidecar, keys: Path
) -> None:
    mandates = MandateBook()
    mandates.keep("for ws-1", workspace_id="ws-1", run_id="run-1")
    invoker = ServiceInvoker(sidecar, ServiceIdentity("gateway", keys), mandates)
    await ask(invoker)
    await invoker.call("memory", "memory/search", Question(text="?", workspace_id="ws-2"), Reply)
    assert [request.headers.get(MANDATE_HEADER) for request in played.requests] == ["for ws-1", None]


@pytest.mark.parametrize(
    "failure",
    [
        UpstreamUnreachableError("refused"),
        ConnectionGoneError("closed"),
        answer_of(500, {"errorCode": "ERR_DIRECT_INVOKE", "message": "no app"}),
        answer_of(503),
        problem(503, "storage_unavailable"),
    ],
)
async def test_tries_again_when_a_part_is_away(
    invoker: ServiceInvoker, played: PlayedSidecar, failure: SidecarAnswer | Exception
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
        (OutboundTimeoutError("late"), UpstreamTimeoutError),
        (answer_of(200, {"other": 1}), UpstreamError),
    ],
)
async def test_does_not_try_again_what_would_be_the_same(
    invoker: ServiceInvoker,
    played: PlayedSidecar,
    answer: SidecarAnswer | Exception,
    error: type[FlowloomError],
) -> None:
    played.answers = [answer]
    with pytest.raises(error):
        await ask(invoker)
    assert len(played.requests) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (UpstreamUnreachableError("refused"), SidecarUnavailableError),
        (problem(503, "storage_unavailable"), StorageUnavailableError),
    ],
)
async def test_gives_up_within_the_time(
    invoker: ServiceInvoker, played: PlayedSidecar, answer: SidecarAnswer | Exception, error: type[Exception]
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

    played.answers = [answer_of(204)]
    publisher = EventPublisher(sidecar, "orchestrator")
    await publisher.publish("run-events", Happened(text="x"), event_id="1", type="run.started.v1")
    request = played.requests[0]
    assert isinstance(request.url, Target)
    assert request.url.path == "/v1.0/publish/pubsub/run-events"
    assert b'"data":{"text":"x"}' in (request.body or b"") and b'"type":"run.started.v1"' in (
        request.body or b""
    )
    played.answers = [answer_of(500)]
    with pytest.raises(UpstreamError):
        await publisher.publish("run-events", Happened(text="x"), event_id="1", type="run.started.v1")


@asynccontextmanager
async def loopback(answer: bytes) -> AsyncIterator[tuple[int, list[asyncio.StreamWriter]]]:
    """Listen, give every request this answer (none: stay silent), and close every connection at the end."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], writers
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_asks_the_sidecar_again_on_the_same_connection(settings: ServiceSettings) -> None:
    async with loopback(b"HTTP/1.1 200 OK\r\nETag: 7\r\nContent-Length: 2\r\n\r\nhi") as (port, writers):
        async with Sidecar(settings.model_copy(update={"dapr_http_port": port})) as sidecar:
            for _ in range(3):
                answer = await sidecar.send("GET", "/v1.0/state/x", timeout_s=5, params={"a": "b c"})
        assert (answer.status_code, answer.headers["etag"], answer.content) == (200, "7", b"hi")
        assert len(writers) == 1


async def test_says_that_the_sidecar_is_away_or_silent(settings: ServiceSettings) -> None:
    async with loopback(b"") as (port, _):
        here = settings.model_copy(update={"dapr_http_port": port})
        async with Sidecar(here) as sidecar:
            with pytest.raises(UpstreamTimeoutError):
                await sidecar.send("GET", "/", timeout_s=0.05)
    async with Sidecar(here) as sidecar:
        with pytest.raises(SidecarUnavailableError):
            await sidecar.send("GET", "/", timeout_s=5)


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
