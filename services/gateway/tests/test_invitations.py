"""Invitations, through the public interface: sent by mail, single use, never above the inviter."""

import asyncio

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import PUBLIC_URL, AsMember, FakeGateway

INVITE = {"email": "bob@example.org", "role": "editor"}
PASSWORD = "correct horse battery staple"
GUESS = "x" * 43


async def _token(owner: httpx.AsyncClient, **changes: object) -> str:
    answer = await owner.post("/v1/invitations", json={**INVITE, **changes})
    assert answer.status_code == 201, answer.text
    link: str = answer.json()["link"]
    return link.partition("#")[2]


async def test_mails_a_link_that_makes_a_member(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = (await owner.post("/v1/invitations", json=INVITE)).json()
    link = gateway.mailer.last_link("bob@example.org")
    assert (made["link"], made["mailed"]) == (link, True)
    assert link.startswith(f"{PUBLIC_URL}/invitation#")
    token = link.partition("#")[2]
    seen = (await stranger.post("/v1/auth/invitation", json={"token": token})).json()
    assert (seen["workspace"]["name"], seen["email"], seen["role"]) == ("Ada", "bob@example.org", "editor")
    joined = await stranger.post("/v1/auth/invitation/accept", json={"token": token, "password": PASSWORD})
    assert joined.status_code == 201
    bearer = {"authorization": f"Bearer {joined.json()['access_token']}"}
    me = (await stranger.get("/v1/me", headers=bearer)).json()
    assert (me["user"]["email"], me["workspace"]["name"], me["role"]) == ("bob@example.org", "Ada", "editor")
    login = await stranger.post("/v1/auth/login", json={"email": "BOB@example.org", "password": PASSWORD})
    assert login.status_code == 200


async def test_accepts_an_invitation_once_when_many_race(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    body = {"token": await _token(owner), "password": PASSWORD}
    answers = await asyncio.gather(
        *(stranger.post("/v1/auth/invitation/accept", json=body) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]


async def test_accepts_with_the_account_that_is_signed_in(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    carol = await as_member("carol@example.org", Role.OWNER)
    token = await _token(owner)
    joined = await carol.post("/v1/invitations/accept", json={"token": token})
    assert (joined.status_code, joined.json()["name"]) == (200, "Ada")
    again = await carol.post("/v1/invitations/accept", json={"token": token})
    assert (again.status_code, again.json()["type"]) == (404, "/problems/invitation-not-found")
    roles = {item["name"]: item["role"] for item in (await carol.get("/v1/workspaces")).json()["items"]}
    assert roles == {"carol@example.org": "owner", "Ada": "editor"}


async def test_does_not_lower_who_is_a_member_already(owner: httpx.AsyncClient) -> None:
    token = await _token(owner, role="viewer")
    assert (await owner.post("/v1/invitations/accept", json={"token": token})).status_code == 200
    assert (await owner.get("/v1/me")).json()["role"] == "owner"


async def test_makes_no_second_account_of_an_address(
    owner: httpx.AsyncClient, as_member: AsMember, stranger: httpx.AsyncClient
) -> None:
    await as_member("bob@example.org", Role.OWNER)
    token = await _token(owner)
    body = {"token": token, "password": PASSWORD}
    taken = await stranger.post("/v1/auth/invitation/accept", json=body)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/address-taken")
    assert (await stranger.post("/v1/auth/invitation", json={"token": token})).status_code == 200


async def test_forgets_invitations_that_are_over(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    token = await _token(owner, expires_in_days=1)
    await _token(owner)
    listed = (await owner.get("/v1/invitations")).json()["items"]
    assert [item["email"] for item in listed] == ["bob@example.org"] * 2
    assert token not in str(listed)
    assert (await owner.delete(f"/v1/invitations/{listed[0]['id']}")).status_code == 204
    assert (await owner.delete(f"/v1/invitations/{listed[0]['id']}")).status_code == 404
    assert len((await owner.get("/v1/invitations")).json()["items"]) == 1
    gateway.clock.advance(86_400)
    gone = await stranger.post("/v1/auth/invitation", json={"token": token})
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/invitation-not-found")


async def test_shows_the_link_when_the_mail_fails(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    gateway.mailer.broken = True
    made = await owner.post("/v1/invitations", json=INVITE)
    assert (made.status_code, made.json()["mailed"]) == (201, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a\u0000b@example.org"),
        ("role", "king"),
        ("expires_in_days", 0),
        ("expires_in_days", 31),
        ("workspace_id", "x"),
    ],
)
async def test_refuses_an_invitation_when_a_field_is_wrong(
    owner: httpx.AsyncClient, field: str, value: object
) -> None:
    answer = await owner.post("/v1/invitations", json={**INVITE, field: value})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [field]


async def test_refuses_who_may_not_invite(
    stranger: httpx.AsyncClient, owner: httpx.AsyncClient, as_colleague: AsMember
) -> None:
    assert (await stranger.post("/v1/invitations", json=INVITE)).status_code == 401
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    assert (await editor.post("/v1/invitations", json=INVITE)).status_code == 403
    assert (await editor.get("/v1/invitations")).status_code == 403
    assert (await editor.delete(f"/v1/invitations/{new_id()}")).status_code == 403
    admin = await as_colleague("ad@example.org", Role.ADMIN)
    above = await admin.post("/v1/invitations", json={**INVITE, "role": "owner"})
    assert (above.status_code, above.json()["type"]) == (403, "/problems/role-not-granted")


async def test_does_not_know_invitations_of_another_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    await _token(owner)
    (mine,) = (await owner.get("/v1/invitations")).json()["items"]
    other = await as_member("eve@example.org", Role.OWNER)
    assert (await other.get("/v1/invitations")).json()["items"] == []
    for invitation_id in (mine["id"], "not-an-id"):
        assert (await other.delete(f"/v1/invitations/{invitation_id}")).status_code == 404


@pytest.mark.parametrize("token", [None, "", [], {}, GUESS, "\u00e4" * 30, "x" * 201])
async def test_refuses_a_token_we_did_not_send(stranger: httpx.AsyncClient, token: object) -> None:
    for path, more in (("", {}), ("/accept", {"password": PASSWORD})):
        answer = await stranger.post(f"/v1/auth/invitation{path}", json={"token": token, **more})
        assert answer.status_code in {404, 422}


async def test_slows_down_guessing_of_tokens(gateway: FakeGateway, stranger: httpx.AsyncClient) -> None:
    gateway.throttle.limit = 2
    statuses = [
        (await stranger.post("/v1/auth/invitation", json={"token": GUESS})).status_code for _ in range(3)
    ]
    assert statuses == [404, 404, 429]
