"""The application factory: problems, tokens, probes, traces, OpenAPI."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from flowloom_contracts.base import Request, Response
from flowloom_contracts.problem import Problem
from flowloom_servicekit.app import create_app
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import (
    NotFoundError,
    RemoteProblemError,
    StorageFullError,
    StorageUnavailableError,
    problems,
)
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.purposes import Purpose
from flowloom_servicekit.settings import ServiceSettings

ACCESS = {"dapr-api-token": "app-token-8f3b1c6e"}


class ThingNotFoundError(NotFoundError):
    """There is no such thing."""

    title = "No such thing"


class Wish(Request):
    """What is asked."""

    count: int


class Echo(Response):
    """What is answered."""

    text: str


def make_router() -> APIRouter:
    router = APIRouter()
    failures = {
        "missing": ThingNotFoundError("'x' is not here"),
        "storage": StorageUnavailableError("gone"),
        "full": StorageFullError("no room"),
        "remote": RemoteProblemError(Problem(type="/problems/run-not-found", title="No run", status=404)),
        "remote-401": RemoteProblemError(Problem(type="/problems/x", title="x", status=401, detail="inside")),
        "remote-403": RemoteProblemError(Problem(type="/problems/forbidden", title="x", status=403)),
        "not-shared": RemoteProblemError(Problem(type="/problems/not-shared", title="x", status=403)),
        "bug": RuntimeError("the secret is moonshine"),
    }

    @router.get("/things/{name}", responses=problems(ThingNotFoundError, NotFoundError))
    async def get_thing(name: str) -> Echo:
        if name in failures:
            raise failures[name]
        return Echo(text=name)

    @router.post("/wishes")
    async def make_wish(wish: Wish) -> Echo:
        return Echo(text=str(wish.count))

    @router.post("/internal/echo")
    async def echo(who: Annotated[str, Depends(caller({"orchestrator"}))]) -> Echo:
        return Echo(text=who)

    return router


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
def missing() -> list[str]:
    return []


@pytest.fixture
def app(settings: ServiceSettings, missing: list[str]) -> FastAPI:
    async def readiness() -> Sequence[str]:
        return missing

    return create_app(
        app_id="gateway",
        settings=settings,
        lifespan=lifespan,
        routers=[make_router()],
        readiness=readiness,
        openapi_url="/v1/openapi.json",
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "status", "type"),
    [
        ("missing", 404, "/problems/thing-not-found"),
        ("storage", 503, "/problems/storage-unavailable"),
        ("full", 507, "/problems/storage-full"),
        ("remote", 404, "/problems/run-not-found"),
        ("remote-401", 502, "/problems/remote-problem"),
        ("remote-403", 502, "/problems/remote-problem"),
        ("not-shared", 403, "/problems/not-shared"),
        ("bug", 500, "/problems/internal-error"),
    ],
)
async def test_failures_leave_as_problems(
    client: httpx.AsyncClient, name: str, status: int, type: str
) -> None:
    answer = await client.get(f"/things/{name}")
    problem = Problem.model_validate_json(answer.content)
    assert (answer.status_code, problem.status, problem.type) == (status, status, type)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.instance == f"/things/{name}"
    assert problem.trace_id == answer.headers["x-request-id"]


async def test_a_bug_tells_nothing(client: httpx.AsyncClient) -> None:
    assert "moonshine" not in (await client.get("/things/bug")).text


async def test_storage_failures_say_when_to_come_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things/storage")
    assert answer.headers["retry-after"] == "1"
    assert Problem.model_validate_json(answer.content).code == "storage_unavailable"


@pytest.mark.parametrize(
    ("content", "path", "code"),
    [
        ('{"count": "many"}', "count", "int_parsing"),
        ("{}", "count", "missing"),
        ('{"count"', "", "json_invalid"),
    ],
)
async def test_a_wrong_body_lists_its_fields(
    client: httpx.AsyncClient, content: str, path: str, code: str
) -> None:
    answer = await client.post("/wishes", content=content, headers={"content-type": "application/json"})
    problem = Problem.model_validate_json(answer.content)
    assert answer.status_code == 422
    assert problem.type == "/problems/invalid-request"
    assert [(error.path, error.code) for error in problem.errors or []] == [(path, code)]
    assert "many" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/wishes", 405)])
async def test_the_frameworks_failures_are_problems_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert Problem.model_validate_json(answer.content).status == status


async def test_probes(client: httpx.AsyncClient, missing: list[str]) -> None:
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    missing.append("the database does not answer")
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "database" in Problem.model_validate_json(answer.content).detail


@pytest.mark.parametrize("path", ["/internal/echo", "/dapr/subscribe", "/job/x", "/subscriptions/x"])
@pytest.mark.parametrize("token", [None, "", "wrong", "app-token-8f3b1c6e2"])
async def test_the_sidecars_paths_need_the_token(
    client: httpx.AsyncClient, path: str, token: str | None
) -> None:
    answer = await client.post(path, headers={} if token is None else {"dapr-api-token": token})
    assert answer.status_code == 401
    assert Problem.model_validate_json(answer.content).type == "/problems/unauthenticated"


async def test_an_internal_route_knows_its_caller(client: httpx.AsyncClient, keys: Path) -> None:
    token = ServiceIdentity("orchestrator", keys).token_for("gateway", Purpose("echo"))
    answer = await client.post("/internal/echo", headers={**ACCESS, "authorization": f"Bearer {token}"})
    assert answer.json() == {"text": "orchestrator"}


async def test_an_internal_route_refuses_others(client: httpx.AsyncClient, keys: Path) -> None:
    token = ServiceIdentity("gateway", keys).token_for("gateway", Purpose("echo"))
    answer = await client.post("/internal/echo", headers={**ACCESS, "authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert (await client.post("/internal/echo", headers=ACCESS)).status_code == 401


async def test_the_trace_of_a_caller_is_continued(client: httpx.AsyncClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = await client.get("/healthz", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert answer.headers["x-request-id"] == trace


async def test_openapi_calls_every_failure_a_problem(app: FastAPI, client: httpx.AsyncClient) -> None:
    schema = (await client.get("/v1/openapi.json")).json()
    wish = schema["paths"]["/wishes"]["post"]
    assert wish["operationId"] == "make_wish"
    assert list(wish["responses"]["422"]["content"]) == ["application/problem+json"]
    thing = schema["paths"]["/things/{name}"]["get"]["responses"]["404"]
    assert thing["description"] == "No such thing; Not found"
    assert {"Problem", "FieldProblem"} <= set(schema["components"]["schemas"])
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    assert "$defs" not in str(schema)
