"""The second factor, through the public interface: enrolled, asked for, never taken twice."""

import asyncio

import httpx
import pyotp
import pytest

from gateway.testing.gateway import FakeGateway

PASSWORD = {"password": "a long enough password"}
LOGIN = {"email": "ada@example.org", **PASSWORD}


def _code(gateway: FakeGateway, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(gateway.clock.now().timestamp()) + 30 * steps)


async def _enrol(gateway: FakeGateway, owner: httpx.AsyncClient) -> tuple[str, list[str]]:
    begun = (await owner.post("/v1/me/totp", json=PASSWORD)).json()
    confirmed = await owner.post("/v1/me/totp/confirm", json={"code": _code(gateway, begun["secret"])})
    assert confirmed.status_code == 200
    # The code that confirmed is used up.
    gateway.clock.advance(30)
    return begun["secret"], confirmed.json()["codes"]


async def _login(client: httpx.AsyncClient, totp: object = None) -> httpx.Response:
    return await client.post("/v1/auth/login", json={**LOGIN, **({"totp": totp} if totp else {})})


async def test_enrols_with_a_picture_and_recovery_codes(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    begun = await owner.post("/v1/me/totp", json=PASSWORD)
    assert begun.status_code == 201
    uri = pyotp.parse_uri(begun.json()["otpauth_uri"])
    assert (uri.secret, uri.issuer, uri.name) == (begun.json()["secret"], "Flowloom", "ada@example.org")
    assert begun.json()["qr_svg"].startswith("<svg ") and "<script" not in begun.json()["qr_svg"]
    assert (await owner.get("/v1/me/totp")).json() == {"enabled": False, "recovery_codes_left": 0}
    code = _code(gateway, begun.json()["secret"])
    codes = (await owner.post("/v1/me/totp/confirm", json={"code": code})).json()["codes"]
    assert len(set(codes)) == 10
    assert (await owner.get("/v1/me/totp")).json() == {"enabled": True, "recovery_codes_left": 10}
    assert gateway.mailer.sent[-1].subject == "Sign-in codes were turned on"


async def test_asks_for_a_code_behind_the_right_password_only(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    secret, _ = await _enrol(gateway, owner)
    asked = await _login(stranger)
    assert (asked.status_code, asked.json()["type"]) == (401, "/problems/second-factor-required")
    code = _code(gateway, secret)
    wrong = await stranger.post("/v1/auth/login", json={**LOGIN, "password": "not mine", "totp": code})
    assert wrong.json()["type"] == "/problems/wrong-credentials"
    assert (await _login(stranger, code)).status_code == 200


async def test_takes_a_code_once_when_two_race(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    secret, _ = await _enrol(gateway, owner)
    code = _code(gateway, secret)
    answers = await asyncio.gather(_login(stranger, code), _login(stranger, code))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert (await _login(stranger, _code(gateway, secret, -1))).status_code == 401
    assert (await _login(stranger, _code(gateway, secret, 1))).status_code == 200


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
async def test_takes_no_code_of_another_time(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient, steps: int
) -> None:
    secret, _ = await _enrol(gateway, owner)
    gateway.clock.advance(300)
    answer = await _login(stranger, _code(gateway, secret, steps))
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/wrong-code")


async def test_takes_each_recovery_code_once(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    _, codes = await _enrol(gateway, owner)
    spelled = codes[0].upper().replace("-", " ")
    answers = [await _login(stranger, code) for code in (spelled, codes[0], codes[1], "aaaa-aaaa-aaaa")]
    assert [answer.status_code for answer in answers] == [200, 401, 200, 401]
    assert (await owner.get("/v1/me/totp")).json()["recovery_codes_left"] == 8


async def test_replaces_the_recovery_codes(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    _, old = await _enrol(gateway, owner)
    new = (await owner.post("/v1/me/totp/recovery-codes", json=PASSWORD)).json()["codes"]
    assert not set(old) & set(new)
    assert (await _login(stranger, old[0])).status_code == 401
    assert (await _login(stranger, new[0])).status_code == 200


async def test_turns_it_off_with_the_password_only(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await _enrol(gateway, owner)
    refused = await owner.post("/v1/me/totp/disable", json={"password": "not mine"})
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/wrong-credentials")
    assert (await owner.post("/v1/me/totp/disable", json=PASSWORD)).status_code == 204
    assert (await _login(stranger)).status_code == 200
    assert gateway.mailer.sent[-1].subject == "Sign-in codes were turned off"


async def test_refuses_what_does_not_fit_the_state(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    early = await owner.post("/v1/me/totp/confirm", json={"code": "123456"})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/second-factor-off")
    assert (await owner.post("/v1/me/totp/recovery-codes", json=PASSWORD)).status_code == 409
    await owner.post("/v1/me/totp", json=PASSWORD)
    wrong = await owner.post("/v1/me/totp/confirm", json={"code": "abcdef"})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/wrong-code")
    await _enrol(gateway, owner)
    again = await owner.post("/v1/me/totp", json=PASSWORD)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/second-factor-on")


@pytest.mark.parametrize("totp", ["", "000000", "\u0663" * 6, "x" * 41, 123456, ["000000"], {"a": 1}])
async def test_refuses_a_code_that_is_none(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient, totp: object
) -> None:
    await _enrol(gateway, owner)
    answer = await stranger.post("/v1/auth/login", json={**LOGIN, "totp": totp})
    assert answer.status_code in {401, 422}


async def test_keeps_the_secret_sealed(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    secret, _ = await _enrol(gateway, owner)
    user_id = (await owner.get("/v1/me")).json()["user"]["id"]
    kept = await gateway.second_factors.get(user_id)
    assert kept is not None
    assert secret.encode() not in kept.sealed.data


@pytest.mark.parametrize("path", ["", "/confirm", "/recovery-codes", "/disable"])
async def test_refuses_who_is_not_signed_in_in_person(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, path: str
) -> None:
    body = {"code": "123456"} if path == "/confirm" else PASSWORD
    assert (await stranger.post(f"/v1/me/totp{path}", json=body)).status_code == 401
    key = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["*"]})).json()["key"]
    by_key = await stranger.post(f"/v1/me/totp{path}", json=body, headers={"x-api-key": key})
    assert by_key.status_code == 403
