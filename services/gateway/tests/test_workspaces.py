"""Workspaces and one's own sessions, through the public interface."""

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import PUBLIC_URL, AsMember, FakeGateway

OUR_PAGE = {"x-flowloom-csrf": "1", "origin": PUBLIC_URL}
LOGIN = {"email": "ada@example.org", "password": "a long enough password"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def _bearer(answer: httpx.Response) -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def test_creates_a_workspace_and_enters_it(owner: httpx.AsyncClient) -> None:
    created = await owner.post("/v1/workspaces", json={"name": " Second "})
    assert (created.status_code, created.json()["name"]) == (201, "Second")
    listed = (await owner.get("/v1/workspaces")).json()["items"]
    assert [(item["name"], item["role"], item["current"]) for item in listed] == [
        ("Ada", "owner", True),
        ("Second", "owner", False),
    ]
    before = owner.cookies["flowloom_refresh"]
    entered = await owner.post(f"/v1/workspaces/{created.json()['id']}/switch")
    assert entered.status_code == 200
    assert owner.cookies["flowloom_refresh"] != before
    me = (await owner.get("/v1/me", headers=_bearer(entered))).json()
    assert me["workspace"] == {"id": created.json()["id"], "name": "Second"}
    assert (await owner.get("/v1/me")).status_code == 401


async def test_does_not_enter_a_workspace_of_others(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    bob = await as_member("bob@example.org", Role.OWNER)
    foreign = (await bob.get("/v1/me")).json()["workspace"]["id"]
    for workspace_id in (foreign, new_id(), "not-an-id%00"):
        for path, body in (("switch", None), ("api-keys", {"name": "k", "scopes": ["*"]})):
            answer = await owner.post(f"/v1/workspaces/{workspace_id}/{path}", json=body)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/workspace-not-found")
    assert (await owner.get("/v1/me")).status_code == 200


async def test_makes_a_key_of_another_workspace(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    second = (await owner.post("/v1/workspaces", json={"name": "Second"})).json()
    body = {"name": "k", "scopes": ["*"]}
    made = await owner.post(f"/v1/workspaces/{second['id']}/api-keys", json=body)
    assert made.status_code == 201
    headers = {"x-api-key": made.json()["key"]}
    assert (await stranger.get("/v1/me", headers=headers)).json()["workspace"]["name"] == "Second"
    listed = (await stranger.get("/v1/workspaces", headers=headers)).json()["items"]
    assert [item["name"] for item in listed] == ["Second"]


async def test_keeps_a_key_in_its_workspace(owner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    second = (await owner.post("/v1/workspaces", json={"name": "Second"})).json()
    made = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["*"]})).json()
    headers = {"x-api-key": made["key"]}
    for path, body in (
        (f"/v1/workspaces/{second['id']}/api-keys", {"name": "k", "scopes": ["*"]}),
        (f"/v1/workspaces/{second['id']}/switch", None),
        ("/v1/workspaces", {"name": "Third"}),
    ):
        assert (await stranger.post(path, json=body, headers=headers)).status_code == 403
    assert (await stranger.get("/v1/sessions", headers=headers)).status_code == 403


@pytest.mark.parametrize("name", ["", "a\u0000", "x" * 81, None])
async def test_refuses_a_workspace_without_a_name(owner: httpx.AsyncClient, name: object) -> None:
    assert (await owner.post("/v1/workspaces", json={"name": name})).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/workspaces"),
        ("POST", "/v1/workspaces"),
        ("POST", "/v1/workspaces/x/switch"),
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions"),
        ("DELETE", "/v1/sessions/x"),
    ],
)
async def test_refuses_who_is_not_signed_in(stranger: httpx.AsyncClient, method: str, path: str) -> None:
    body = {"name": "x"} if method == "POST" else None
    assert (await stranger.request(method, path, json=body)).status_code == 401


async def test_lists_sessions_with_device_address_and_last_use(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    gateway.clock.advance(60)
    await stranger.post("/v1/auth/login", json=LOGIN, headers={"user-agent": FIREFOX})
    first = (await owner.get("/v1/sessions")).json()["items"]
    assert [(item["device"], item["current"]) for item in first] == [
        ("Firefox on Linux", False),
        (f"python-httpx/{httpx.__version__}", True),
    ]
    assert {item["address"] for item in first} == {"127.0.0.1"}
    gateway.clock.advance(60)
    await owner.post("/v1/auth/refresh", headers=OUR_PAGE)
    assert [item["current"] for item in (await owner.get("/v1/sessions")).json()["items"]] == [True, False]


async def test_ends_one_session(owner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    other = await stranger.post("/v1/auth/login", json=LOGIN)
    listed = (await owner.get("/v1/sessions")).json()["items"]
    (session_id,) = [item["id"] for item in listed if not item["current"]]
    assert (await owner.delete(f"/v1/sessions/{session_id}")).status_code == 204
    assert (await stranger.get("/v1/me", headers=_bearer(other))).status_code == 401
    assert (await stranger.post("/v1/auth/refresh", headers=OUR_PAGE)).status_code == 401
    again = await owner.delete(f"/v1/sessions/{session_id}")
    assert (again.status_code, again.json()["type"]) == (404, "/problems/session-not-found")


async def test_does_not_end_a_session_of_others(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    bob = await as_member("bob@example.org", Role.OWNER)
    (his,) = (await bob.get("/v1/sessions")).json()["items"]
    for session_id in (his["id"], new_id(), "not-an-id"):
        assert (await owner.delete(f"/v1/sessions/{session_id}")).status_code == 404
    assert (await owner.delete("/v1/sessions")).status_code == 204
    assert (await bob.get("/v1/me")).status_code == 200


async def test_ends_all_other_sessions(owner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    others = [await stranger.post("/v1/auth/login", json=LOGIN) for _ in range(2)]
    assert (await owner.delete("/v1/sessions")).status_code == 204
    answers = [await stranger.get("/v1/me", headers=_bearer(other)) for other in others]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert len((await owner.get("/v1/sessions")).json()["items"]) == 1
