"""API keys, through the public interface."""

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway

ALL = {"name": "ci", "scopes": ["*"]}


async def _key(owner: httpx.AsyncClient, **changes: object) -> dict[str, str]:
    answer = await owner.post("/v1/api-keys", json={**ALL, **changes})
    assert answer.status_code == 201
    made: dict[str, str] = answer.json()
    return made


async def test_shows_a_key_once(owner: httpx.AsyncClient) -> None:
    made = await _key(owner)
    listed = await owner.get("/v1/api-keys")
    assert made["key"].startswith("flk_local_")
    assert [item["id"] for item in listed.json()["items"]] == [made["id"]]
    assert made["key"] not in listed.text
    assert listed.json()["items"][0]["prefix"] == made["key"][:18]


async def test_lets_a_key_act_within_its_scopes(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await _key(owner, scopes=["runs:read"])
    headers = {"x-api-key": made["key"]}
    assert (await stranger.get("/v1/runs", headers=headers)).status_code == 200
    refused = await stranger.get("/v1/workflows", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")


async def test_refuses_a_key_that_widens_its_maker(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    narrow = await _key(owner, scopes=["api_keys:manage"])
    answer = await stranger.post("/v1/api-keys", json=ALL, headers={"x-api-key": narrow["key"]})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-not-granted")


async def test_stops_a_revoked_key(owner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    made = await _key(owner)
    headers = {"x-api-key": made["key"]}
    assert (await stranger.get("/v1/me", headers=headers)).status_code == 200
    assert (await owner.delete(f"/v1/api-keys/{made['id']}")).status_code == 204
    assert (await stranger.get("/v1/me", headers=headers)).status_code == 401
    assert (await owner.delete(f"/v1/api-keys/{made['id']}")).status_code == 404
    assert (await owner.get("/v1/api-keys")).json()["items"] == []


async def test_stops_a_key_when_it_expires(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await _key(owner, expires_at="2026-01-01T12:01:00Z")
    headers = {"x-api-key": made["key"]}
    assert (await stranger.get("/v1/me", headers=headers)).status_code == 200
    gateway.clock.advance(60)
    assert (await stranger.get("/v1/me", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "key",
    [
        "flk_",
        "flk_local_aaaaaaaa_" + "b" * 32 + "_00000000",
        "flk_local_aaaaaaaa_" + "b" * 32,
        "x" * 100_000,
        "flk_local_\u00e4aaaaaaa",
    ],
)
async def test_refuses_a_key_we_did_not_make(stranger: httpx.AsyncClient, key: str) -> None:
    answer = await stranger.get("/v1/me", headers={"x-api-key": key.encode()})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scopes", []),
        ("scopes", ["everything"]),
        ("name", ""),
        ("name", "two\nlines"),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("expires_at", "2030-01-01T00:00:00"),
        ("workspace_id", "x"),
    ],
)
async def test_refuses_to_make_a_key_when_a_field_is_wrong(
    owner: httpx.AsyncClient, field: str, value: object
) -> None:
    answer = await owner.post("/v1/api-keys", json={**ALL, field: value})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [field]


async def test_refuses_who_may_not_manage_keys(as_member: AsMember) -> None:
    editor = await as_member("editor@example.org", Role.EDITOR)
    assert (await editor.get("/v1/api-keys")).status_code == 403
    assert (await editor.post("/v1/api-keys", json=ALL)).status_code == 403
    assert (await editor.delete(f"/v1/api-keys/{new_id()}")).status_code == 403


async def test_does_not_know_keys_of_another_workspace(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    made = await _key(owner)
    other = await as_member("bob@example.org", Role.OWNER)
    assert (await other.get("/v1/api-keys")).json()["items"] == []
    assert (await other.delete(f"/v1/api-keys/{made['id']}")).status_code == 404
    assert (await other.delete("/v1/api-keys/not-an-id")).status_code == 404


async def test_lists_keys_page_by_page(owner: httpx.AsyncClient) -> None:
    made = [(await _key(owner, name=f"key {number}"))["id"] for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await owner.get("/v1/api-keys", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == made[::-1]


@pytest.mark.parametrize("query", [{"cursor": "???"}, {"limit": "0"}, {"limit": "201"}])
async def test_refuses_a_page_we_did_not_offer(owner: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await owner.get("/v1/api-keys", params=query)).status_code == 422


async def test_rotates_a_key_with_two_that_act_meanwhile(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    old = await _key(owner, scopes=["runs:read"])
    answer = await owner.post(f"/v1/api-keys/{old['id']}/rotate", json={"grace_hours": 2})
    assert answer.status_code == 201
    new = answer.json()
    for key in (old, new):
        assert (await stranger.get("/v1/runs", headers={"x-api-key": key["key"]})).status_code == 200
    for key in (old, new):
        again = await owner.post(f"/v1/api-keys/{key['id']}/rotate")
        assert (again.status_code, again.json()["type"]) == (409, "/problems/already-rotated")
    listed = (await owner.get("/v1/api-keys")).json()["items"]
    assert [item["scopes"] for item in listed] == [["runs:read"], ["runs:read"]]
    gateway.clock.advance(2 * 3600 + 1)
    statuses = [
        (await stranger.get("/v1/runs", headers={"x-api-key": one["key"]})).status_code for one in (old, new)
    ]
    assert statuses == [401, 200]


async def test_s14_a_rotation_without_grace_ends_the_old_key_at_once(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, as_colleague: AsMember
) -> None:
    old = await _key(owner)
    admin = await as_colleague("max@example.org", Role.ADMIN)
    for grace in (25, -1):
        refused = await owner.post(f"/v1/api-keys/{old['id']}/rotate", json={"grace_hours": grace})
        assert refused.status_code == 422
    foreign = await admin.post(f"/v1/api-keys/{old['id']}/rotate")
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/key-of-another")
    assert (await owner.post(f"/v1/api-keys/{old['id']}/rotate", json={"grace_hours": 0})).status_code == 201
    assert (await stranger.get("/v1/runs", headers={"x-api-key": old["key"]})).status_code == 401
    assert (await owner.post(f"/v1/api-keys/{old['id']}/rotate")).status_code == 404
