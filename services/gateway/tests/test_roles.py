"""Roles of a workspace's own, through the public interface: made, given, changed and deleted."""

import httpx
import pytest

from gateway.domain.permissions import BUILT_IN, Permission, Role
from gateway.testing.gateway import AsMember, FakeGateway

READER = {"name": "reader", "description": "Reads runs.", "permissions": ["runs:read"]}


async def _id(client: httpx.AsyncClient) -> str:
    user_id: str = (await client.get("/v1/me")).json()["user"]["id"]
    return user_id


async def test_makes_and_lists_roles_beside_those_of_every_workspace(owner: httpx.AsyncClient) -> None:
    made = await owner.post("/v1/roles", json=READER)
    assert made.status_code == 201
    shown = {"id": made.json()["id"], "etag": made.json()["etag"], "built_in": False, "members": 0}
    assert made.json() == {**READER, **shown}
    listed = (await owner.get("/v1/roles")).json()["items"]
    assert [role["name"] for role in listed] == [*BUILT_IN, "reader"]
    assert (listed[0]["members"], listed[0]["built_in"]) == (1, True)
    assert (await owner.get(f"/v1/roles/{made.json()['id']}")).json() == made.json()
    assert (await owner.get("/v1/roles/viewer")).json()["id"] == "viewer"
    for name in ("reader", "viewer", "agent"):
        again = await owner.post("/v1/roles", json={**READER, "name": name})
        assert (again.status_code, again.json()["type"]) == (409, "/problems/role-name-taken")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "Reader"}, "name"),
        ({"permissions": ["runs:read", "runs:everything"]}, "permissions"),
        ({"built_in": True}, "built_in"),
    ],
)
async def test_refuses_a_role_that_cannot_be(
    owner: httpx.AsyncClient, change: dict[str, object], path: str
) -> None:
    answer = await owner.post("/v1/roles", json={**READER, **change})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [path]


async def test_a_role_holds_no_more_than_its_maker_has(
    owner: httpx.AsyncClient, as_colleague: AsMember
) -> None:
    narrow = Role("people", frozenset(Role.VIEWER.permissions | {Permission.MEMBERS_MANAGE}))
    manager = await as_colleague("max@example.org", narrow)
    wide = {**READER, "permissions": ["secrets:manage"]}
    made = (await owner.post("/v1/roles", json={**wide, "name": "keeper"})).json()
    for answer in (
        await manager.post("/v1/roles", json=wide),
        await manager.patch(f"/v1/roles/{made['id']}", json={"permissions": []}),
        await manager.delete(f"/v1/roles/{made['id']}"),
        await manager.post("/v1/invitations", json={"email": "x@example.org", "role": "keeper"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/role-not-granted")
    assert (await manager.post("/v1/roles", json=READER)).status_code == 201


async def test_a_given_role_decides_at_once(
    gateway: FakeGateway, owner: httpx.AsyncClient, as_colleague: AsMember
) -> None:
    made = (await owner.post("/v1/roles", json=READER)).json()
    bob = await as_colleague("bob@example.org", Role.EDITOR)
    given = await owner.patch(f"/v1/members/{await _id(bob)}", json={"role": "reader"})
    assert (given.status_code, given.json()["permissions"]) == (200, ["runs:read"])
    assert (await bob.get("/v1/me")).json()["permissions"] == ["runs:read"]
    assert (await bob.get("/v1/runs")).status_code == 200
    assert (await bob.get("/v1/workflows")).status_code == 403
    wider = {"permissions": ["workflows:read"], "description": "Reads workflows."}
    changed = await owner.patch(f"/v1/roles/{made['id']}", json=wider)
    assert (changed.status_code, changed.json()["members"]) == (200, 1)
    assert (await bob.get("/v1/workflows")).status_code == 200
    assert (await bob.get("/v1/runs")).status_code == 403


async def test_keeps_a_role_that_somebody_has(owner: httpx.AsyncClient, as_colleague: AsMember) -> None:
    made = (await owner.post("/v1/roles", json=READER)).json()
    bob = await as_colleague("bob@example.org", Role.EDITOR)
    await owner.patch(f"/v1/members/{await _id(bob)}", json={"role": "reader"})
    refused = await owner.delete(f"/v1/roles/{made['id']}")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/role-in-use")
    assert "bob@example.org" in refused.json()["detail"]
    await owner.patch(f"/v1/members/{await _id(bob)}", json={"role": "viewer"})
    assert (await owner.delete(f"/v1/roles/{made['id']}")).status_code == 204
    gone = await owner.patch(f"/v1/members/{await _id(bob)}", json={"role": "reader"})
    assert gone.status_code == 422
    for method in ("PATCH", "DELETE"):
        kept = await owner.request(method, "/v1/roles/owner", json={} if method == "PATCH" else None)
        assert (kept.status_code, kept.json()["type"]) == (409, "/problems/built-in-role")


async def test_invites_to_a_role(owner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    await owner.post("/v1/roles", json=READER)
    invited = await owner.post("/v1/invitations", json={"email": "bob@example.org", "role": "reader"})
    body = {"token": invited.json()["link"].rpartition("#")[2], "password": "a long enough password"}
    session = await stranger.post("/v1/auth/invitation/accept", json=body)
    stranger.headers["authorization"] = f"Bearer {session.json()['access_token']}"
    assert (await stranger.get("/v1/me")).json()["permissions"] == ["runs:read"]


async def test_a_role_is_changed_as_it_was_read(owner: httpx.AsyncClient) -> None:
    made = (await owner.post("/v1/roles", json=READER)).json()
    path = f"/v1/roles/{made['id']}"
    read = await owner.get(path)
    assert read.headers["etag"].startswith(made["etag"][:-1]), "the tag, and a digest of the answer"
    seen = {"if-match": read.headers["etag"]}
    changed = await owner.patch(path, json={"description": "Reads."}, headers=seen)
    assert (changed.status_code, changed.headers["etag"]) == (200, changed.json()["etag"])
    late = await owner.patch(path, json={"permissions": []}, headers=seen)
    assert (late.status_code, late.json()["type"]) == (412, "/problems/stale-role")
    kept = (await owner.get(path)).json()
    assert (kept["description"], kept["permissions"]) == ("Reads.", ["runs:read"])
    script = await owner.patch(path, json={"permissions": ["runs:read", "runs:start"]})
    assert (script.status_code, script.json()["description"]) == (200, "Reads."), "what is absent stays"
    assert (await owner.get("/v1/roles/viewer")).json()["etag"] is None, "nobody can change it"
