"""What is taken from people ends calls at once, and open streams within two seconds (S07, S08, S14, S17)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.domain.principals import Principal
from gateway.live.connections import CHECK_SECONDS, Connections
from gateway.parts import Parts
from gateway.testing.gateway import FakeGateway
from gateway.usecases.authenticate import TRUST_SECONDS
from tests.security.people import People, people


@dataclass(slots=True)
class Held:
    """What somebody holds when it is taken: their ids, and what may act."""

    owner: httpx.AsyncClient
    theirs: httpx.AsyncClient
    with_key: httpx.AsyncClient
    user_id: str
    key_id: str
    role_id: str
    session_id: str


Take = Callable[[Held], Awaitable[httpx.Response]]

BY_SESSION: Final[dict[str, Take]] = {
    "s07 signed out": lambda held: held.theirs.delete(f"/v1/sessions/{held.session_id}"),
    "s08 disabled": lambda held: held.owner.post(f"/v1/members/{held.user_id}/disable"),
    "s08 suspended": lambda held: held.owner.patch(f"/v1/members/{held.user_id}", json={"suspended": True}),
    "s17 removed": lambda held: held.owner.delete(f"/v1/members/{held.user_id}"),
    "s17 role taken": lambda held: held.owner.patch(f"/v1/members/{held.user_id}", json={"role": "nothing"}),
    "s17 role emptied": lambda held: held.owner.patch(f"/v1/roles/{held.role_id}", json={"permissions": []}),
}
BY_KEY: Final[dict[str, Take]] = {
    "s14 key revoked": lambda held: held.theirs.delete(f"/v1/api-keys/{held.key_id}"),
    "s14 key rotated": lambda held: held.theirs.post(
        f"/v1/api-keys/{held.key_id}/rotate", json={"grace_hours": 0}
    ),
    **{name: take for name, take in BY_SESSION.items() if not name.startswith("s07")},
}


@pytest.fixture
async def everybody() -> AsyncIterator[People]:
    async with people() as opened:
        yield opened


async def _held(everybody: People) -> Held:
    owner = await everybody.member(Role.OWNER)
    workspace = (await owner.get("/v1/me")).json()["workspace"]["id"]
    await owner.post("/v1/roles", json={"name": "nothing", "permissions": []})
    permissions = ["runs:read", "api_keys:manage"]
    role = await owner.post("/v1/roles", json={"name": "reader", "permissions": permissions})
    theirs = await everybody.member(Role.VIEWER, workspace)
    user_id = (await theirs.get("/v1/me")).json()["user"]["id"]
    await owner.patch(f"/v1/members/{user_id}", json={"role": "reader"})
    key = (await theirs.post("/v1/api-keys", json={"name": "k", "scopes": ["runs:read"]})).json()
    with_key = await everybody.stranger()
    with_key.headers["x-api-key"] = key["key"]
    for client in (theirs, with_key):
        assert (await client.get("/v1/runs")).status_code == 200
    session = (await theirs.get("/v1/sessions")).json()["items"][0]
    return Held(owner, theirs, with_key, user_id, key["id"], role.json()["id"], session["id"])


async def _principal(gateway: FakeGateway, client: httpx.AsyncClient) -> Principal:
    parts: Parts = gateway.app.state.parts
    authenticator = parts.authenticator
    if "x-api-key" in client.headers:
        return await authenticator.by_key(client.headers["x-api-key"])
    return await authenticator.by_token(client.headers["authorization"].removeprefix("Bearer "))


@pytest.mark.parametrize("take", BY_SESSION.values(), ids=BY_SESSION)
async def test_what_is_taken_from_a_person_ends_sessions_and_streams(everybody: People, take: Take) -> None:
    held = await _held(everybody)
    await _ends(everybody.gateway, held, held.theirs, take)


@pytest.mark.parametrize("take", BY_KEY.values(), ids=BY_KEY)
async def test_what_is_taken_from_a_key_ends_its_calls_and_streams(everybody: People, take: Take) -> None:
    held = await _held(everybody)
    await _ends(everybody.gateway, held, held.with_key, take)


async def _ends(gateway: FakeGateway, held: Held, client: httpx.AsyncClient, take: Take) -> None:
    connections = Connections(credentials=gateway.accounts, sharing=gateway.sharing, clock=gateway.clock)
    closed: list[str] = []
    connections.add(await _principal(gateway, client), closed.append)
    await connections.check()
    assert closed == []
    taken = await take(held)
    assert taken.status_code < 300, taken.text
    assert (await client.get("/v1/runs")).status_code in {401, 403}
    await connections.check()
    assert len(closed) == 1


async def test_s08_a_disabled_account_gets_nothing_back_when_it_is_enabled(everybody: People) -> None:
    held = await _held(everybody)
    email = (await held.theirs.get("/v1/me")).json()["user"]["email"]
    shut = await held.owner.post(f"/v1/members/{held.user_id}/disable")
    assert (shut.status_code, shut.json()["disabled"]) == (200, True)
    body = {"email": email, "password": "a long enough password"}
    assert (await held.theirs.post("/v1/auth/login", json=body)).status_code == 401
    assert (await held.owner.post(f"/v1/members/{held.user_id}/enable")).json()["disabled"] is False
    for client in (held.theirs, held.with_key):
        assert (await client.get("/v1/runs")).status_code == 401
    assert (await held.theirs.post("/v1/auth/login", json=body)).status_code == 200


async def test_s08_nobody_disables_themselves_or_who_is_elsewhere(everybody: People) -> None:
    held = await _held(everybody)
    me = (await held.owner.get("/v1/me")).json()["user"]["id"]
    own = await held.owner.post(f"/v1/members/{me}/disable")
    assert (own.status_code, own.json()["type"]) == (409, "/problems/own-account")
    made = await held.theirs.post("/v1/workspaces", json={"name": "Elsewhere"})
    assert made.status_code == 201
    refused = await held.owner.post(f"/v1/members/{held.user_id}/disable")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/account-elsewhere")
    assert (await held.theirs.get("/v1/runs")).status_code == 200


def test_what_is_trusted_and_how_often_streams_are_asked_stays_below_two_seconds() -> None:
    assert TRUST_SECONDS + CHECK_SECONDS <= 2
