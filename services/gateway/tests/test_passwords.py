"""Passwords, through the public interface: which are taken, how they are changed and replaced."""

import asyncio

import httpx
import pytest

from flowloom_servicekit.errors import InvalidRequestError
from gateway.adapters.guessability import ZxcvbnGuesses
from gateway.domain.permissions import Role
from gateway.testing.gateway import PUBLIC_URL, AsMember, FakeGateway
from gateway.testing.sign_in import QuickPasswords
from gateway.usecases.new_passwords import NewPasswords

OLD = "a long enough password"
NEW = "correct horse battery staple"
ADA = "ada@example.org"
CHANGE = {"current_password": OLD, "new_password": NEW}
GUESS = "x" * 43


def _rules() -> NewPasswords:
    return NewPasswords(judge=ZxcvbnGuesses(), hasher=QuickPasswords())


def _bearer(answer: httpx.Response) -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def _link_token(gateway: FakeGateway, client: httpx.AsyncClient) -> str:
    asked = await client.post("/v1/auth/password/forgot", json={"email": ADA})
    assert asked.status_code == 202
    link = gateway.mailer.last_link(ADA)
    assert link.startswith(f"{PUBLIC_URL}/reset-password#")
    return link.partition("#")[2]


async def _signs_in(client: httpx.AsyncClient, password: str) -> bool:
    answer = await client.post("/v1/auth/login", json={"email": ADA, "password": password})
    return answer.status_code == 200


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("brief", "too_short"),
        ("eleven chrs", "too_short"),
        ("password1234", "easy_to_guess"),
        ("123456789012", "easy_to_guess"),
        ("qwertyuiop12", "easy_to_guess"),
        ("aaaaaaaaaaaaaaaa", "easy_to_guess"),
        ("a" * 256, "easy_to_guess"),
        ("iloveyou12345", "easy_to_guess"),
        ("Lovelace-flowloom", "known_words"),
        ("flowloomFLOWLOOM1!", "known_words"),
        ("ada.lovelace@analytical.example", "known_words"),
    ],
)
async def test_s12_refuses_short_common_and_personal_passwords(password: str, code: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        await _rules().hashed(password, "ada.lovelace@analytical.example", "Example engines")
    assert [wrong.code for wrong in refused.value.errors] == [code]
    assert password not in str(refused.value.problem())


@pytest.mark.parametrize(
    "password", [NEW, "x7!kPq2vLm9z", "\u00fcber den Wolken 42 \U0001f600", "long " * 8 + NEW * 3]
)
async def test_s12_takes_long_ones_of_any_characters(password: str) -> None:
    assert await _rules().hashed(password, ADA)


async def test_s12_cuts_nothing_off() -> None:
    """S12: two passwords that differ behind the 200th character are two passwords."""
    first, second = NEW * 8 + "a", NEW * 8 + "b"
    assert len(first) > 200
    assert await _rules().hashed(first) != await _rules().hashed(second)


async def test_s08_changing_the_password_ends_all_other_sessions(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    other = await stranger.post("/v1/auth/login", json={"email": ADA, "password": OLD})
    key = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["*"]})).json()["key"]
    changed = await owner.post("/v1/me/password", json=CHANGE)
    assert changed.status_code == 200
    assert (await owner.get("/v1/me")).status_code == 401
    assert (await stranger.get("/v1/me", headers=_bearer(other))).status_code == 401
    assert (await owner.get("/v1/me", headers=_bearer(changed))).status_code == 200
    assert (await stranger.get("/v1/me", headers={"x-api-key": key})).status_code == 200
    assert await _signs_in(stranger, NEW) and not await _signs_in(stranger, OLD)


async def test_s08_a_reset_ends_all_sessions_and_refresh_tokens(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    token = await _link_token(gateway, stranger)
    reset = await stranger.post("/v1/auth/password/reset", json={"token": token, "password": NEW})
    assert (reset.status_code, reset.headers.get("set-cookie")) == (204, None)
    assert (await owner.get("/v1/me")).status_code == 401
    ours = {"x-flowloom-csrf": "1", "origin": PUBLIC_URL}
    assert (await owner.post("/v1/auth/refresh", headers=ours)).status_code == 401
    assert await _signs_in(stranger, NEW) and not await _signs_in(stranger, OLD)
    assert gateway.mailer.sent[-1].subject == "Your password was changed"


async def test_s12_a_link_works_once_when_many_race(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    token = await _link_token(gateway, stranger)
    body = {"token": token, "password": NEW}
    answers = await asyncio.gather(*(stranger.post("/v1/auth/password/reset", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]


async def test_s12_a_link_ends_with_another_change_and_with_time(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    before = await _link_token(gateway, stranger)
    late = await _link_token(gateway, stranger)
    changed = await owner.post("/v1/me/password", json=CHANGE)
    gone = await stranger.post("/v1/auth/password/reset", json={"token": before, "password": OLD})
    assert (changed.status_code, gone.status_code) == (200, 404)
    fresh = await _link_token(gateway, stranger)
    assert fresh != late
    gateway.clock.advance(30 * 60)
    over = await stranger.post("/v1/auth/password/reset", json={"token": fresh, "password": OLD})
    assert (over.status_code, over.json()["type"]) == (404, "/problems/reset-link-not-found")


@pytest.mark.parametrize("token", [None, "", [], [GUESS], {}, {"$ne": ""}, 0, GUESS, "\u00e4" * 30])
async def test_s12_refuses_a_link_we_did_not_send(stranger: httpx.AsyncClient, token: object) -> None:
    answer = await stranger.post("/v1/auth/password/reset", json={"token": token, "password": NEW})
    assert answer.status_code in {404, 422}


async def test_s13_tells_nobody_which_addresses_have_an_account(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    known = await stranger.post("/v1/auth/password/forgot", json={"email": ADA})
    unknown = await stranger.post("/v1/auth/password/forgot", json={"email": "eve@example.org"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [mail.to for mail in gateway.mailer.sent] == [ADA]
    gateway.mailer.broken = True
    assert (await stranger.post("/v1/auth/password/forgot", json={"email": ADA})).status_code == 202


async def test_s13_throttles_links_and_changes(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    gateway.throttle.limit = 2
    wrong = {**CHANGE, "current_password": "not the password"}
    changes = [(await owner.post("/v1/me/password", json=wrong)).status_code for _ in range(3)]
    links = [
        (await stranger.post("/v1/auth/password/forgot", json={"email": ADA})).status_code for _ in range(3)
    ]
    assert (changes, links) == ([401, 401, 429], [202, 202, 429])
    assert len(gateway.mailer.sent) == 2


async def test_refuses_to_change_without_the_present_password(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/me/password", json={**CHANGE, "current_password": "not mine at all"})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/wrong-credentials")
    assert (await owner.get("/v1/me")).status_code == 200


async def test_refuses_who_is_not_signed_in_in_person(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    assert (await stranger.post("/v1/me/password", json=CHANGE)).status_code == 401
    key = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["*"]})).json()["key"]
    by_key = await stranger.post("/v1/me/password", json=CHANGE, headers={"x-api-key": key})
    assert by_key.status_code == 403


async def test_refuses_a_common_password_everywhere(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    common = "a common password"
    token = await _link_token(gateway, stranger)
    for answer, path in (
        (await owner.post("/v1/me/password", json={**CHANGE, "new_password": common}), "new_password"),
        (
            await stranger.post("/v1/auth/password/reset", json={"token": token, "password": common}),
            "password",
        ),
    ):
        assert answer.status_code == 422
        assert [(wrong["path"], wrong["code"]) for wrong in answer.json()["errors"]] == [
            (path, "easy_to_guess")
        ]


async def test_changes_only_passwords_that_we_keep(gateway: FakeGateway, as_member: AsMember) -> None:
    bob = await as_member("bob@example.org", Role.EDITOR)
    user_id = (await bob.get("/v1/me")).json()["user"]["id"]
    gateway.accounts.people.persons[user_id].password_hash = None
    answer = await bob.post("/v1/me/password", json=CHANGE)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-password")
