"""Preferences, settings and templates, through the public interface."""

import httpx
import pytest

from flowloom_contracts.preferences import Preferences
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway

PATHS = ["/v1/preferences", "/v1/settings", "/v1/templates", "/v1/templates/first-brief"]
ANY = {"if-match": "*"}
TILE = {"id": "runs", "x": 0, "y": 0, "width": 6, "height": 2, "hidden": False}


@pytest.mark.parametrize("path", PATHS)
async def test_asks_who_wants_to_know(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 401


async def test_changes_what_is_given_and_leaves_the_rest(owner: httpx.AsyncClient) -> None:
    fresh = await owner.get("/v1/preferences")
    assert (fresh.json()["theme"], fresh.json()["dashboard"]) == ("system", [])
    # Nobody is spoken to in a language that neither they nor their browser chose.
    assert (fresh.json()["language"], fresh.json()["contrast"]) == ("", "system")
    saved = await owner.patch("/v1/preferences", json={"theme": "dark", "dashboard": [TILE]})
    assert (saved.json()["theme"], saved.json()["density"]) == ("dark", "comfortable")
    again = await owner.patch("/v1/preferences", json={"density": "compact", "time_zone": "Europe/Zurich"})
    assert (again.json()["theme"], again.json()["dashboard"]) == ("dark", [TILE])
    more = await owner.patch("/v1/preferences", json={"contrast": "more", "language": "de"})
    assert (more.json()["contrast"], more.json()["language"]) == ("more", "de")
    again = await owner.patch("/v1/preferences", json={"language": ""})
    assert (again.json()["contrast"], again.json()["language"]) == ("more", "")
    assert again.json()["etag"] != saved.headers["etag"]
    assert (await owner.get("/v1/preferences")).json() == again.json()


async def test_refuses_a_change_of_what_was_changed_meanwhile(owner: httpx.AsyncClient) -> None:
    fresh = await owner.get("/v1/preferences")
    match = {"if-match": fresh.headers["etag"]}
    assert (await owner.patch("/v1/preferences", json={"theme": "dark"}, headers=match)).status_code == 200
    stale = await owner.patch("/v1/preferences", json={"theme": "light"}, headers=match)
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-preferences")


async def test_keeps_both_changes_of_two_windows(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    user_id = (await owner.get("/v1/me")).json()["user"]["id"]
    kept = gateway.desk.preferences
    kept.meanwhile = lambda: kept.save(user_id, Preferences(accent="teal"))
    saved = await owner.patch("/v1/preferences", json={"theme": "dark"})
    assert (saved.json()["theme"], saved.json()["accent"]) == ("dark", "teal")


@pytest.mark.parametrize(
    "change",
    [
        {"theme": "pink"},
        {"time_zone": "Mars/Base"},
        {"language": "English"},
        {"dashboard": [{**TILE, "width": 13}]},
        {"shortcuts": {"run": 1}},
        {"colour": "red"},
    ],
)
async def test_refuses_preferences_that_mean_nothing(
    owner: httpx.AsyncClient, change: dict[str, object]
) -> None:
    assert (await owner.patch("/v1/preferences", json=change)).status_code == 422


async def test_keeps_preferences_of_people_apart(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    await owner.patch("/v1/preferences", json={"theme": "dark"})
    other = await as_member("bob@example.org", Role.VIEWER)
    assert (await other.get("/v1/preferences")).json()["theme"] == "system"


async def test_tells_the_orchestrator_what_a_workspace_decides(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    fresh = await owner.get("/v1/settings")
    body = {"run_retention_days": 7, "self_approval": "forbid", "default_model": "large"}
    saved = await owner.put("/v1/settings", json=body, headers={"if-match": fresh.headers["etag"]})
    assert (saved.status_code, saved.json()["self_approval"]) == (200, "forbid")
    stale = await owner.put("/v1/settings", json={}, headers={"if-match": fresh.headers["etag"]})
    without = await owner.put("/v1/settings", json={})
    assert (stale.status_code, without.status_code) == (412, 428)
    await gateway.relay()
    (policy,) = gateway.desk.policies.told
    assert (policy.revision, policy.run_retention_days, policy.self_approval) == (1, 7, "forbid")
    assert (await owner.get("/v1/settings")).json() == saved.json()


@pytest.mark.parametrize("body", [{"run_retention_days": 0}, {"self_approval": "maybe"}, {"x": 1}])
async def test_refuses_settings_that_mean_nothing(owner: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await owner.put("/v1/settings", json=body, headers=ANY)).status_code == 422


async def test_lets_only_administrators_change_settings(as_member: AsMember) -> None:
    for role, status in ((Role.VIEWER, 403), (Role.EDITOR, 403), (Role.ADMIN, 200)):
        client = await as_member(f"{role.name}@example.org", role)
        assert (await client.get("/v1/settings")).status_code == 200
        saved = await client.put("/v1/settings", json={"default_model": role.name}, headers=ANY)
        assert saved.status_code == status
        assert (await client.get("/v1/settings")).json()["default_model"] == (
            role.name if status == 200 else None
        )


async def test_shows_templates_that_can_be_saved_as_they_are(owner: httpx.AsyncClient) -> None:
    items = (await owner.get("/v1/templates")).json()["items"]
    assert (items[0]["id"], items[0]["level"], items[0]["needs"]["people"]) == (
        "first-brief",
        "start-here",
        False,
    )
    assert all(item["description"] and item["categories"] != ["More"] for item in items)
    for item in items:
        template = (await owner.get(f"/v1/templates/{item['id']}")).json()
        body = {"source": template["source"], "tests": template["tests"]}
        created = await owner.post("/v1/workflows", json=body)
        assert (created.status_code, created.json()["draft_valid"]) == (201, True), item["id"]
    market = next(item for item in items if item["id"] == "market-brief")
    assert (market["needs"]["people"], market["needs"]["internet"]) == (True, True)
    assert (await owner.get("/v1/templates/none")).json()["type"] == "/problems/template-not-found"
