"""Models of a workspace, through the public interface, and as workers see them."""

import httpx
import pytest

from flowloom_contracts.models import ResolveModel
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.usecases.models import resolve_model

CANARY = "canary-key-5f1d-never-to-be-seen"
MODEL = {
    "name": "large",
    "base_url": "https://models.example/v1",
    "model": "big-1",
    "api_key": CANARY,
    "price": {"input": 1, "output": 2},
}


async def _resolved(
    client: httpx.AsyncClient, gateway: FakeGateway, name: str | None
) -> tuple[object, object] | None:
    workspace_id = (await client.get("/v1/me")).json()["workspace"]["id"]
    desk = gateway.desk
    found = await resolve_model(
        ResolveModel(workspace_id=workspace_id, name=name),
        models=desk.models,
        settings=desk.settings,
        vault=gateway.vault,
    )
    return None if found.endpoint is None else (found.endpoint["base_url"], found.endpoint["api_key"])


async def test_asks_who_wants_to_know(stranger: httpx.AsyncClient) -> None:
    asked = [
        await stranger.get("/v1/models"),
        await stranger.post("/v1/models", json=MODEL),
        await stranger.post("/v1/models/x/test"),
        await stranger.post("/internal/models/resolve", json={"workspace_id": "x"}),
    ]
    assert [answer.status_code for answer in asked] == [401] * 4


async def test_keeps_a_model_whose_key_only_workers_see(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    made = await owner.post("/v1/models", json=MODEL)
    assert (made.status_code, made.json()["has_key"]) == (201, True)
    listed = await owner.get("/v1/models")
    shown = [(one["name"], one["source"], one["is_default"]) for one in listed.json()["items"]]
    assert shown == [("default", "platform", True), ("large", "workspace", False)]
    read = await owner.get(f"/v1/models/{made.json()['id']}")
    assert read.headers["etag"].startswith(made.headers["etag"][:-1])
    assert "canary" not in made.text + listed.text + read.text + repr(gateway.desk.models.kept)
    assert await _resolved(owner, gateway, "large") == ("https://models.example/v1", CANARY)
    assert await _resolved(owner, gateway, "small") is None
    assert await _resolved(owner, gateway, None) is None
    await owner.put("/v1/settings", json={"default_model": "large"}, headers={"if-match": "*"})
    assert await _resolved(owner, gateway, "default") == ("https://models.example/v1", CANARY)


async def test_gives_a_key_to_no_other_host(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    made = (await owner.post("/v1/models", json=MODEL)).json()
    path, keyless = f"/v1/models/{made['id']}", {**MODEL, "api_key": None}
    same = await owner.put(path, json={**keyless, "model": "big-2"}, headers={"if-match": made["etag"]})
    assert (same.status_code, same.json()["has_key"]) == (200, True)
    moved = {**keyless, "base_url": "https://elsewhere.example/v1"}
    away = await owner.put(path, json=moved, headers={"if-match": same.json()["etag"]})
    assert away.json()["has_key"] is False
    assert await _resolved(owner, gateway, "large") == ("https://elsewhere.example/v1", None)


async def test_replaces_only_what_was_read(owner: httpx.AsyncClient) -> None:
    made = (await owner.post("/v1/models", json=MODEL)).json()
    await owner.post("/v1/models", json={**MODEL, "name": "other"})
    path = f"/v1/models/{made['id']}"
    without = await owner.put(path, json=MODEL)
    stale = await owner.put(path, json=MODEL, headers={"if-match": '"r9"'})
    taken = await owner.put(path, json={**MODEL, "name": "other"}, headers={"if-match": "*"})
    again = await owner.post("/v1/models", json=MODEL)
    assert [one.status_code for one in (without, stale, taken, again)] == [428, 412, 409, 409]
    assert (await owner.delete(path)).status_code == 204
    gone = [await owner.delete(path), await owner.get(path), await owner.get("/v1/models/none")]
    assert [one.status_code for one in gone] == [404] * 3


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "default"}, "name"),
        ({"name": "Large"}, "name"),
        ({"base_url": "https://user:pass@models.example/v1"}, "base_url"),
        ({"base_url": "https://models.example/v1?key=1"}, "base_url"),
        ({"base_url": "file:///etc/passwd"}, "base_url"),
        ({"kind": "other"}, "kind"),
        ({"fallback": "large"}, "fallback"),
        ({"at_once": 0}, "at_once"),
        ({"price": {"input": -1, "output": 1}}, "price.input"),
        ({"owner_id": "x"}, "owner_id"),
    ],
)
async def test_refuses_what_cannot_be_a_model(
    owner: httpx.AsyncClient, change: dict[str, object], path: str
) -> None:
    answer = await owner.post("/v1/models", json={**MODEL, **change})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [path]
    assert "canary" not in answer.text


async def test_asks_a_model_before_and_after_it_is_saved(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    tried = await owner.post("/v1/models/test", json=MODEL)
    made = (await owner.post("/v1/models", json=MODEL)).json()
    saved = await owner.post(f"/v1/models/{made['id']}/test")
    platform = await owner.post("/v1/models/platform/test")
    assert [one.json()["ok"] for one in (tried, saved, platform)] == [True] * 3
    keys = [test.endpoint and test.endpoint["api_key"] for test in gateway.desk.model_calls.tested]
    assert keys == [CANARY, CANARY, None]
    assert (await owner.post("/v1/models/none/test")).status_code == 404


async def test_lists_the_workspace_s_own_while_the_orchestrator_is_away(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await owner.post("/v1/models", json=MODEL)
    gateway.desk.model_calls.away = True
    assert [one["name"] for one in (await owner.get("/v1/models")).json()["items"]] == ["large"]


async def test_lets_only_administrators_change_models_of_their_own_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    made = (await owner.post("/v1/models", json=MODEL)).json()
    for role, status in ((Role.VIEWER, 403), (Role.EDITOR, 403), (Role.ADMIN, 201)):
        client = await as_member(f"{role}@example.org", role)
        assert (await client.post("/v1/models", json=MODEL)).status_code == status
        assert (await client.get(f"/v1/models/{made['id']}")).status_code == 404
