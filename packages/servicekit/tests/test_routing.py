"""A request finds its route in a table or goes FastAPI's way, and is judged before anything else."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException, Query, Request, Response
from starlette.routing import Match
from starlette.types import Scope

from flowloom_servicekit.routing import include_all


def router_of(*paths: str, prefix: str = "", name: str) -> APIRouter:
    router = APIRouter(prefix=prefix)

    async def answer() -> str:
        return name

    for path in paths:
        router.add_api_route(path, answer)
    return router


def nested() -> APIRouter:
    outer = APIRouter(prefix="/v1")
    outer.include_router(router_of("/inner", name="nested"))
    return outer


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    include_all(
        app,
        [
            router_of("/runs/{id}/steps", "/workflows/{id}/runs", prefix="/v1", name="runs"),
            router_of("/workflows", "/workflows/{id}", prefix="/v1", name="workflows"),
            router_of("/hooks/mine", name="mine"),
            router_of("/hooks/{id}", name="hooks"),
            router_of("/hooks/theirs", name="theirs"),
            nested(),
            router_of("/", name="root"),
            router_of("/{anything}/here", name="open"),
            router_of("/late", name="late"),
        ],
    )
    return app


async def get(app: FastAPI, path: str, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/runs/1/steps", "runs"),
        ("/v1/workflows/1/runs", "runs"),
        ("/v1/workflows/1", "workflows"),
        ("/v1/workflows", "workflows"),
        ("/hooks/1", "hooks"),
        ("/hooks/mine", "mine"),
        ("/hooks/theirs", "hooks"),
        ("/late", "late"),
        ("/v1/inner", "nested"),
        ("/", "root"),
        ("/v1/here", "open"),
    ],
)
async def test_finds_the_router_that_has_the_path(app: FastAPI, path: str, expected: str) -> None:
    assert (await get(app, path)).json() == expected


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/workflows", "DELETE", 405), ("/hooks/1", "DELETE", 405), ("/v1/nothing", "GET", 404)],
)
async def test_refuses_as_before_what_no_route_takes(
    app: FastAPI, path: str, method: str, status: int
) -> None:
    assert (await get(app, path, method)).status_code == status


async def test_looks_through_no_router_whose_paths_begin_differently() -> None:
    looked_through = list[str]()

    class Watched(APIRouter):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            looked_through.append(scope["path"])
            return super().matches(scope)

    app, router = FastAPI(redirect_slashes=False), Watched(prefix="/v1")
    router.add_api_route("/runs/{id}", lambda: None)
    include_all(app, [router])
    for path in ("/v1/workflows", "/v2/runs/1", "/v1/runs/1", "/v1/runs/1/2"):
        await get(app, path)
    assert looked_through == ["/v1/runs/1/2"]


CALLED = list[str]()


async def caller(request: Request) -> str:
    CALLED.append("caller")
    if "authorization" not in request.headers:
        raise HTTPException(401)
    return request.headers["authorization"]


class Counted:
    async def __call__(self, asking: Request) -> int:
        CALLED.append("counted")
        return len(await asking.body())


counted = Counted()


async def wanted(who: Annotated[str, Depends(caller)], size: int = 1) -> str:
    return f"{who} wants {size}"


@pytest.fixture
def judged() -> FastAPI:
    CALLED.clear()
    app, router = FastAPI(), APIRouter(prefix="/v1", dependencies=[Depends(caller)])

    @router.post("/things/{name}")
    async def make(
        *,
        name: str,
        body: Annotated[dict[str, int], Body()],
        who: Annotated[str, Depends(caller)],
        again: Annotated[str, Depends(caller)],
        sent: Annotated[int, Depends(counted)],
        wish: Annotated[str, Depends(wanted)],
        response: Response,
        much: Annotated[int, Query(ge=1)] = 1,
    ) -> list[object]:
        response.headers["x-name"] = name
        return [name, body, who, again, sent, wish, much]

    @router.get("/things")
    async def look(request: Request, who: Annotated[str, Depends(caller)]) -> list[str]:
        return [request.method, who]

    include_all(app, [router])
    return app


async def test_gives_an_endpoint_what_its_dependencies_gave(judged: FastAPI) -> None:
    transport = httpx.ASGITransport(judged)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers["authorization"] = "ada"
        made = await client.post("/v1/things/a?much=2&size=3", json={"n": 1})
        looked = await client.get("/v1/things")
    assert made.json() == ["a", {"n": 1}, "ada", "ada", 7, "ada wants 3", 2]
    assert (made.headers["x-name"], looked.json()) == ("a", ["GET", "ada"])
    # Once for both that want it; what has dependencies of its own is FastAPI's.
    assert CALLED == ["caller", "counted", "caller", "caller"]


@pytest.mark.parametrize("body", [b"no json", b'{"n": "x"}', b'{"n": 1}'])
async def test_refuses_a_stranger_before_looking_at_anything_else(judged: FastAPI, body: bytes) -> None:
    transport = httpx.ASGITransport(judged)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        kind = {"content-type": "application/json"}
        strange = await client.post("/v1/things/a?much=0", content=body, headers=kind)
        known = await client.post("/v1/things/a?much=0", content=body, headers={**kind, "authorization": "a"})
    assert (strange.status_code, known.status_code) == (401, 422)


async def test_describes_a_route_with_all_that_it_asks_for(judged: FastAPI) -> None:
    described = judged.openapi()["paths"]["/v1/things/{name}"]["post"]
    assert [one["name"] for one in described["parameters"]] == ["name", "much", "size"]
    assert described["requestBody"]["required"]
