"""API clients and their tokens, through the public interface."""

import base64
from datetime import timedelta

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway

MACHINE = {"name": "nightly", "scopes": ["runs:read", "workflows:read"]}
GRANT = {"grant_type": "client_credentials"}


async def _client(owner: httpx.AsyncClient, **changes: object) -> dict[str, str]:
    answer = await owner.post("/v1/api-clients", json={**MACHINE, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def _token(client: httpx.AsyncClient, made: dict[str, str], **form: str) -> httpx.Response:
    data = {**GRANT, "client_id": made["id"], "client_secret": made["client_secret"], **form}
    return await client.post("/v1/oauth/token", data=data)


def _bearer(answer: httpx.Response) -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def test_exchanges_a_secret_for_a_token_within_its_scopes(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await _client(owner)
    answer = await _token(stranger, made)
    assert answer.status_code == 200
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 300)
    assert answer.json()["scope"] == "runs:read workflows:read"
    assert (await stranger.get("/v1/runs", headers=_bearer(answer))).status_code == 200
    assert (await stranger.get("/v1/secrets", headers=_bearer(answer))).status_code == 403
    narrow = await _token(stranger, made, scope="runs:read")
    assert (await stranger.get("/v1/runs", headers=_bearer(narrow))).status_code == 200
    assert (await stranger.get("/v1/workflows", headers=_bearer(narrow))).status_code == 403


async def test_takes_the_secret_in_the_header_too(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await _client(owner)
    pair = base64.b64encode(f"{made['id']}:{made['client_secret']}".encode()).decode()
    headers = {"authorization": f"Basic {pair}"}
    assert (await stranger.post("/v1/oauth/token", data=GRANT, headers=headers)).status_code == 200
    both = {**GRANT, "client_secret": made["client_secret"]}
    twice = await stranger.post("/v1/oauth/token", data=both, headers=headers)
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


async def test_s14_shows_a_secret_once_and_keeps_its_digest(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    made = await _client(owner)
    listed = await owner.get("/v1/api-clients")
    assert made["client_secret"].startswith("fls_") and len(made["client_secret"]) >= 47
    assert made["client_secret"] not in listed.text
    (item,) = listed.json()["items"]
    assert (item["name"], item["created_by"]) == ("nightly", "ada@example.org")
    kept = gateway.accounts.people.clients[made["id"]]
    assert made["client_secret"].encode() not in kept.digest


async def test_s14_a_revoked_client_has_no_tokens(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await _client(owner)
    token = await _token(stranger, made)
    assert (await owner.delete(f"/v1/api-clients/{made['id']}")).status_code == 204
    assert (await stranger.get("/v1/runs", headers=_bearer(token))).status_code == 401
    assert (await _token(stranger, made)).status_code == 401
    assert (await owner.delete(f"/v1/api-clients/{made['id']}")).status_code == 404
    assert await gateway.accounts.roles_of({made["id"]}, now=gateway.clock.now()) == {}


async def test_s14_a_client_ends_with_its_time_and_its_token_with_five_minutes(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    soon = gateway.clock.now().replace(year=gateway.clock.now().year + 1)
    made = await _client(owner, expires_at=soon.isoformat())
    token = await _token(stranger, made)
    gateway.clock.advance(300)
    assert (await stranger.get("/v1/runs", headers=_bearer(token))).status_code == 401
    gateway.clock.advance((soon - gateway.clock.now()).total_seconds())
    assert (await _token(stranger, made)).status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"client_id": new_id()}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({"scope": "secrets:manage"}, 400, "invalid_scope"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"scope": "*"}, 400, "invalid_scope"),
    ],
)
async def test_refuses_in_the_words_of_oauth(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, *, form: dict[str, str], status: int, error: str
) -> None:
    answer = await _token(stranger, await _client(owner), **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"grant_type", b"grant_type=client_credentials&grant_type=x", b"\xff=1", b"a=b&" * 30],
)
async def test_refuses_what_is_no_form(stranger: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await stranger.post("/v1/oauth/token", content=body, headers=headers)
    assert answer.status_code in {400, 415}


async def test_s13_slows_down_guessing_of_secrets(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    gateway.throttle.limit = 2
    made = {**await _client(owner), "client_secret": "wrong"}
    assert [(await _token(stranger, made)).status_code for _ in range(3)] == [401, 401, 429]


async def test_s03_a_token_for_services_is_no_access_token(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    """S03: a client's secret or id is no bearer token either."""
    made = await _client(owner)
    for text in (made["client_secret"], made["id"]):
        answer = await stranger.get("/v1/me", headers={"authorization": f"Bearer {text}"})
        assert answer.status_code == 401


async def test_refuses_a_client_that_widens_its_maker(
    owner: httpx.AsyncClient, as_colleague: AsMember, stranger: httpx.AsyncClient
) -> None:
    scoped = {"name": "k", "scopes": ["api_clients:manage"]}
    key = (await owner.post("/v1/api-keys", json=scoped)).json()["key"]
    wide = await stranger.post("/v1/api-clients", json=MACHINE, headers={"x-api-key": key})
    assert (wide.status_code, wide.json()["type"]) == (403, "/problems/scope-not-granted")
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    assert (await editor.post("/v1/api-clients", json=MACHINE)).status_code == 403
    assert (await stranger.post("/v1/api-clients", json=MACHINE)).status_code == 401


async def test_does_not_know_clients_of_another_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    made = await _client(owner)
    bob = await as_member("bob@example.org", Role.OWNER)
    assert (await bob.get("/v1/api-clients")).json()["items"] == []
    for client_id in (made["id"], "not-an-id"):
        assert (await bob.delete(f"/v1/api-clients/{client_id}")).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("scopes", []), ("scopes", ["all"]), ("expires_at", "2020-01-01T00:00:00Z"), ("id", "x")],
)
async def test_refuses_a_client_when_a_field_is_wrong(
    owner: httpx.AsyncClient, field: str, value: object
) -> None:
    answer = await owner.post("/v1/api-clients", json={**MACHINE, field: value})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [field]


async def _key(owner: httpx.AsyncClient, scope: str) -> dict[str, str]:
    """Return what lets the owner act for longer than a token does."""
    made = await owner.post("/v1/api-keys", json={"name": "k", "scopes": [scope]})
    return {"x-api-key": made.json()["key"]}


async def _rotated(owner: httpx.AsyncClient, made: dict[str, str], **body: object) -> dict[str, str]:
    answer = await owner.post(f"/v1/api-clients/{made['id']}/rotate", json=body)
    assert answer.status_code == 201, answer.text
    rotated: dict[str, str] = answer.json()
    return rotated


async def test_s14_gives_a_client_a_new_secret_while_the_old_one_works(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    old, lasting = await _client(owner), await _key(owner, "*")
    new = await _rotated(owner, old, grace_hours=2)
    assert (new["id"], new["scopes"]) == (old["id"], old["scopes"])
    assert new["client_secret"] != old["client_secret"]
    for secret in (old, new):
        assert (await _token(stranger, secret)).status_code == 200
    again = await owner.post(f"/v1/api-clients/{old['id']}/rotate")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/client-is-rotating")
    (listed,) = (await owner.get("/v1/api-clients")).json()["items"]
    assert listed["old_secret_until"] == new["old_secret_until"]
    assert "client_secret" not in listed
    gateway.clock.advance(2 * 3600 + 1)
    assert [(await _token(stranger, secret)).status_code for secret in (old, new)] == [401, 200]
    again = await stranger.post(f"/v1/api-clients/{old['id']}/rotate", headers=lasting)
    assert again.json()["client_secret"] != new["client_secret"]


async def test_s14_a_rotation_without_grace_ends_the_old_secret_at_once(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    old = await _client(owner)
    for grace in (25, -1):
        refused = await owner.post(f"/v1/api-clients/{old['id']}/rotate", json={"grace_hours": grace})
        assert refused.status_code == 422
    new = await _rotated(owner, old, grace_hours=0)
    assert [(await _token(stranger, secret)).status_code for secret in (old, new)] == [401, 200]


async def test_rotates_only_what_is_ones_own(
    gateway: FakeGateway,
    owner: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    as_colleague: AsMember,
) -> None:
    soon = (gateway.clock.now() + timedelta(hours=1)).isoformat()
    made, short = await _client(owner), await _client(owner, expires_at=soon)
    lasting = await _key(owner, "*")
    path = f"/v1/api-clients/{made['id']}/rotate"
    admin = await as_colleague("max@example.org", Role.ADMIN)
    foreign = await admin.post(path)
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/client-of-another")
    assert (await stranger.post(path)).status_code == 401
    editor = await as_colleague("ed@example.org", Role.EDITOR)
    assert (await editor.post(path)).status_code == 403
    missing = await owner.post(f"/v1/api-clients/{new_id()}/rotate")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/api-client-not-found")
    wide = await stranger.post(path, headers=await _key(owner, "api_clients:manage"))
    assert (wide.status_code, wide.json()["type"]) == (403, "/problems/scope-not-granted")
    await owner.delete(f"/v1/api-clients/{made['id']}")
    assert (await owner.post(path)).status_code == 404
    gateway.clock.advance(2 * 3600)
    ended = await stranger.post(f"/v1/api-clients/{short['id']}/rotate", headers=lasting)
    assert ended.status_code == 404
