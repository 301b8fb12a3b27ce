"""Members, through the public interface: roles, suspension, removal, and who may do it to whom."""

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway


async def _id(client: httpx.AsyncClient) -> str:
    user_id: str = (await client.get("/v1/me")).json()["user"]["id"]
    return user_id


async def test_lists_members_page_by_page(owner: httpx.AsyncClient, as_colleague: AsMember) -> None:
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    first = (await owner.get("/v1/members", params={"limit": 1})).json()
    rest = (await owner.get("/v1/members", params={"cursor": first["next_cursor"]})).json()
    assert [item["email"] for item in first["items"] + rest["items"]] == ["ed@example.org", "ada@example.org"]
    assert first["items"][0]["user_id"] == await _id(editor)
    assert rest["next_cursor"] is None
    assert set(first["items"][0]) == {
        "user_id", "email", "role", "permissions", "joined_at", "suspended", "disabled", "provider",
        "second_factor",
    }  # fmt: skip


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PATCH", "/x"), ("DELETE", "/x")])
async def test_refuses_who_is_not_signed_in(stranger: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await stranger.request(method, f"/v1/members{path}", json={} if method == "PATCH" else None)
    assert answer.status_code == 401


async def test_refuses_who_may_not_manage_members(owner: httpx.AsyncClient, as_colleague: AsMember) -> None:
    viewer = await as_colleague("vi@example.org", Role.VIEWER)
    target = await _id(owner)
    assert (await viewer.get("/v1/members")).status_code == 200
    assert (await viewer.patch(f"/v1/members/{target}", json={"role": "viewer"})).status_code == 403
    assert (await viewer.delete(f"/v1/members/{target}")).status_code == 403


@pytest.mark.parametrize("body", [{"role": "king"}, {"role": 1}, {"suspended": "perhaps"}, {"user_id": "x"}])
async def test_refuses_a_change_when_a_field_is_wrong(
    owner: httpx.AsyncClient, as_colleague: AsMember, body: dict[str, object]
) -> None:
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    answer = await owner.patch(f"/v1/members/{await _id(editor)}", json=body)
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == list(body)


async def test_does_not_know_members_of_another_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    foreign = await _id(await as_member("bob@example.org", Role.OWNER))
    for user_id in (foreign, new_id(), "not-an-id%00"):
        for answer in (
            await owner.patch(f"/v1/members/{user_id}", json={"role": "viewer"}),
            await owner.delete(f"/v1/members/{user_id}"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/member-not-found")


async def test_gives_a_role_that_holds_at_once(owner: httpx.AsyncClient, as_colleague: AsMember) -> None:
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    answer = await owner.patch(f"/v1/members/{await _id(editor)}", json={"role": "viewer"})
    assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
    assert (await editor.get("/v1/me")).json()["role"] == "viewer"
    assert (await editor.post("/v1/workflows", json={"source": "a"})).status_code == 403


async def test_suspends_a_member_and_lets_them_in_again(
    owner: httpx.AsyncClient, as_colleague: AsMember
) -> None:
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    path = f"/v1/members/{await _id(editor)}"
    assert (await owner.patch(path, json={"suspended": True})).json()["suspended"] is True
    assert (await editor.get("/v1/me")).status_code == 401
    login = {"email": "ed@example.org", "password": "a long enough password"}
    refused = await editor.post("/v1/auth/login", json=login)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/wrong-credentials")
    await owner.patch(path, json={"suspended": False})
    assert (await editor.get("/v1/me")).status_code == 200


async def test_removes_a_member_for_good(owner: httpx.AsyncClient, as_colleague: AsMember) -> None:
    admin = await as_colleague("ad@example.org", Role.ADMIN)
    key = (await admin.post("/v1/api-keys", json={"name": "k", "scopes": ["*"]})).json()["key"]
    assert (await owner.delete(f"/v1/members/{await _id(admin)}")).status_code == 204
    assert (await admin.get("/v1/me")).status_code == 401
    by_key = await owner.get("/v1/me", headers={"authorization": "", "x-api-key": key})
    assert by_key.status_code == 401
    assert len((await owner.get("/v1/members")).json()["items"]) == 1


async def test_keeps_the_last_owner(owner: httpx.AsyncClient, as_colleague: AsMember) -> None:
    path = f"/v1/members/{await _id(owner)}"
    for answer in (
        await owner.patch(path, json={"role": "admin"}),
        await owner.patch(path, json={"suspended": True}),
        await owner.delete(path),
        await owner.delete("/v1/members/me"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/last-owner")
    second = await as_colleague("eve@example.org", Role.OWNER)
    assert (await owner.delete("/v1/members/me")).status_code == 204
    assert (await second.delete("/v1/members/me")).status_code == 409


async def test_lets_nobody_reach_above_themselves(
    owner: httpx.AsyncClient, as_colleague: AsMember, stranger: httpx.AsyncClient
) -> None:
    admin = await as_colleague("ad@example.org", Role.ADMIN)
    owner_id, admin_id = await _id(owner), await _id(admin)
    scoped = {"name": "k", "scopes": ["members:manage"]}
    key = (await admin.post("/v1/api-keys", json=scoped)).json()["key"]
    for answer in (
        await admin.patch(f"/v1/members/{admin_id}", json={"role": "owner"}),
        await admin.patch(f"/v1/members/{owner_id}", json={"role": "viewer"}),
        await admin.delete(f"/v1/members/{owner_id}"),
        await stranger.patch(f"/v1/members/{admin_id}", json={"role": "viewer"}, headers={"x-api-key": key}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/role-not-granted")


async def test_leaves_members_to_their_provider(
    gateway: FakeGateway, owner: httpx.AsyncClient, as_colleague: AsMember
) -> None:
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    user_id = await _id(editor)
    for (_, member_id), member in gateway.accounts.people.members.items():
        member.provider = "corp" if member_id == user_id else None
    answer = await owner.patch(f"/v1/members/{user_id}", json={"role": "viewer"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/provider-decides")
