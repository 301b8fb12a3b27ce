"""Budgets of a workspace, through the public interface."""

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway

DAY = {"scope": "workspace", "period": "day", "tokens": 1_000}
MONTH = {"scope": "workspace", "period": "month", "usd_micro": 5_000_000, "on_reach": {"model": "small"}}
ID = "0190a000-0000-7000-8000-000000000001"


async def save(client: httpx.AsyncClient, *items: object, tag: str | None = None) -> httpx.Response:
    if tag is None:
        tag = (await client.get("/v1/budgets")).headers["etag"]
    return await client.put("/v1/budgets", json={"items": list(items)}, headers={"if-match": tag})


async def test_asks_who_may_see_and_change_them(stranger: httpx.AsyncClient, as_member: AsMember) -> None:
    assert (await stranger.get("/v1/budgets")).status_code == 401
    assert (await stranger.put("/v1/budgets", json={"items": []})).status_code == 401
    viewer = await as_member("v@example.org", Role.VIEWER)
    assert (await viewer.get("/v1/budgets")).json()["items"] == []
    assert (await save(viewer, DAY, tag="*")).status_code == 403
    admin = await as_member("a@example.org", Role.ADMIN)
    assert (await save(admin, DAY)).status_code == 200


async def test_saves_over_what_was_seen_and_writes_it_down(owner: httpx.AsyncClient) -> None:
    saved = await save(owner, DAY, MONTH)
    assert saved.status_code == 200
    assert [state["budget"]["on_reach"] for state in saved.json()["items"]] == ["ask", {"model": "small"}]
    assert (await save(owner, DAY, tag=saved.headers["etag"])).status_code == 200
    stale = await save(owner, tag=saved.headers["etag"])
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-budgets")
    without = await owner.put("/v1/budgets", json={"items": []})
    assert (without.status_code, without.json()["type"]) == (428, "/problems/budgets-if-match-required")
    audit = (await owner.get("/v1/audit", params={"action": "budgets.changed"})).json()["items"]
    assert [entry["details"]["count"] for entry in audit] == [1, 2]


async def test_shows_what_is_used_although_the_budgets_are_the_same(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    await save(owner, DAY)
    first = await owner.get("/v1/budgets")
    known = {"if-none-match": first.headers["etag"]}
    assert (await owner.get("/v1/budgets", headers=known)).status_code == 304
    gateway.desk.budgets.used_tokens = 400
    again = await owner.get("/v1/budgets", headers=known)
    assert (again.status_code, again.json()["items"][0]["used_tokens"]) == (200, 400)
    assert again.json()["etag"] == first.json()["etag"]
    assert (await save(owner, DAY, MONTH, tag=first.headers["etag"])).status_code == 200


async def test_workspaces_have_budgets_of_their_own(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    await save(owner, DAY)
    other = await as_member("bob@example.org", Role.OWNER)
    assert (await other.get("/v1/budgets")).json()["items"] == []


@pytest.mark.parametrize(
    ("items", "path"),
    [
        ([{**DAY, "target": ID}], "items.0.target"),
        ([{**DAY, "scope": "member"}], "items.0.target"),
        ([{**DAY, "scope": "workflow", "target": "x"}], "items.0.target"),
        ([{"scope": "workspace", "period": "day"}], "items.0"),
        ([DAY, MONTH, DAY], "items.2"),
        ([{**DAY, "tokens": 0}], "items.0.tokens"),
        ([{**DAY, "period": "year"}], "items.0.period"),
        ([{**DAY, "on_reach": "stop"}], "items.0.on_reach"),
        ([{**DAY, "owner": ID}], "items.0.owner"),
        ([DAY] * 201, "items"),
    ],
)
async def test_refuses_budgets_that_cannot_be_judged(
    owner: httpx.AsyncClient, items: list[object], path: str
) -> None:
    refused = await save(owner, *items)
    assert refused.status_code == 422
    assert any(str(wrong["path"]).startswith(path) for wrong in refused.json()["errors"]), refused.json()
