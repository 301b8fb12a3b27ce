"""Set-up, sign-in, renewal and sign-out, through the public interface."""

import asyncio

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import PUBLIC_URL, SETUP_TOKEN, FakeGateway

PASSWORD = "a long enough password"
OWNER = {"setup_token": SETUP_TOKEN, "email": "ada@example.org", "password": PASSWORD, "workspace": "Ada"}
LOGIN = {"email": "ada@example.org", "password": PASSWORD}
OUR_PAGE = {"x-flowloom-csrf": "1", "origin": PUBLIC_URL}


async def test_sets_up_once_with_the_token(stranger: httpx.AsyncClient) -> None:
    first = await stranger.post("/v1/auth/setup", json=OWNER)
    second = await stranger.post("/v1/auth/setup", json={**OWNER, "email": "eve@example.org"})
    assert first.status_code == 201
    assert first.json()["expires_in"] == 300
    assert (second.status_code, second.json()["type"]) == (409, "/problems/already-set-up")


async def test_sets_up_one_owner_when_two_race(stranger: httpx.AsyncClient) -> None:
    bodies = [{**OWNER, "email": f"p{number}@example.org"} for number in range(5)]
    answers = await asyncio.gather(*(stranger.post("/v1/auth/setup", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_refuses_to_set_up_when_the_token_is_wrong(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/v1/auth/setup", json={**OWNER, "setup_token": "guessed"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/set-up-token")


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "short"), ("email", "nobody"), ("workspace", ""), ("workspace", "a\u0000b"), ("role", "x")],
)
async def test_refuses_to_set_up_when_a_field_is_wrong(
    stranger: httpx.AsyncClient, field: str, value: str
) -> None:
    answer = await stranger.post("/v1/auth/setup", json={**OWNER, field: value})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [field]
    assert PASSWORD not in answer.text


async def test_says_who_is_signed_in(owner: httpx.AsyncClient) -> None:
    me = (await owner.get("/v1/me")).json()
    assert me["user"]["email"] == "ada@example.org"
    assert (me["workspace"]["name"], me["role"]) == ("Ada", "owner")
    assert "runs:start" in me["permissions"]


async def test_refuses_who_is_not_signed_in(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_signs_in_whatever_the_case_of_the_address(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.post("/v1/auth/login", json={**LOGIN, "email": " ADA@Example.org"})
    assert answer.status_code == 200


async def test_gives_one_answer_when_address_or_password_is_wrong(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    wrong = await stranger.post("/v1/auth/login", json={**LOGIN, "password": "not the password"})
    unknown = await stranger.post("/v1/auth/login", json={**LOGIN, "email": "eve@example.org"})
    broken = await stranger.post("/v1/auth/login", json={**LOGIN, "email": "ada\u0000@example.org"})
    for answer in (wrong, unknown, broken):
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/wrong-credentials")
    assert gateway.passwords.comparisons == 3


async def test_slows_down_guessing(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    gateway.throttle.limit = 3
    guess = {**LOGIN, "password": "not the password"}
    statuses = [(await stranger.post("/v1/auth/login", json=guess)).status_code for _ in range(4)]
    last = await stranger.post("/v1/auth/login", json=LOGIN)
    assert statuses == [401, 401, 401, 429]
    assert (last.status_code, last.headers["retry-after"]) == (429, "60")


async def test_hides_the_refresh_token_in_a_strict_cookie(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/v1/auth/setup", json=OWNER)
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "flowloom_refresh"
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in rest.split(";")}
    assert rest.split(";")[0] not in answer.text


async def test_renews_a_session_and_replaces_the_cookie(stranger: httpx.AsyncClient) -> None:
    await stranger.post("/v1/auth/setup", json=OWNER)
    before = stranger.cookies["flowloom_refresh"]
    answer = await stranger.post("/v1/auth/refresh", headers=OUR_PAGE)
    assert answer.status_code == 200
    assert stranger.cookies["flowloom_refresh"] != before
    token = answer.json()["access_token"]
    me = await stranger.get("/v1/me", headers={"authorization": f"Bearer {token}"})
    assert me.status_code == 200


async def test_ends_the_whole_session_when_a_used_refresh_token_comes_again(
    stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await stranger.post("/v1/auth/setup", json=OWNER)
    stolen = stranger.cookies["flowloom_refresh"]
    renewed = await stranger.post("/v1/auth/refresh", headers=OUR_PAGE)
    current = stranger.cookies["flowloom_refresh"]
    stranger.cookies.clear()
    again = await stranger.post(
        "/v1/auth/refresh", headers={**OUR_PAGE, "cookie": f"flowloom_refresh={stolen}"}
    )
    rightful = await stranger.post(
        "/v1/auth/refresh", headers={**OUR_PAGE, "cookie": f"flowloom_refresh={current}"}
    )
    token = renewed.json()["access_token"]
    me = await stranger.get("/v1/me", headers={"authorization": f"Bearer {token}"})
    assert [again.status_code, rightful.status_code, me.status_code] == [401, 401, 401]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-flowloom-csrf": "1"},
        {"origin": PUBLIC_URL},
        {"x-flowloom-csrf": "1", "origin": "https://evil.example"},
        {"x-flowloom-csrf": "1", "origin": "null"},
        {"x-flowloom-csrf": "1", "origin": "http://127.0.0.1:8081"},
        {"x-flowloom-csrf": "1", "origin": "http://127.0.0.1:8080.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/auth/refresh", "/v1/auth/logout"])
async def test_refuses_a_cookie_when_the_call_is_not_from_our_page(
    stranger: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    await stranger.post("/v1/auth/setup", json=OWNER)
    answer = await stranger.post(path, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign-page")


async def test_signs_out(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    out = await owner.post("/v1/auth/logout", headers=OUR_PAGE)
    me = await owner.get("/v1/me")
    assert (out.status_code, me.status_code) == (204, 401)
    assert "flowloom_refresh" not in owner.cookies


async def test_refuses_an_access_token_when_five_minutes_are_over(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    gateway.clock.advance(299)
    assert (await owner.get("/v1/me")).status_code == 200
    gateway.clock.advance(1)
    assert (await owner.get("/v1/me")).status_code == 401


async def test_notices_a_new_role_within_a_second(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    me = (await owner.get("/v1/me")).json()
    gateway.accounts.give_role(me["user"]["id"], Role.VIEWER)
    gateway.clock.advance(1)
    answer = await owner.post("/v1/workflows", json={"source": "a"})
    assert answer.status_code == 403
