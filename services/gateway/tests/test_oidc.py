"""Sign-in with identity providers, against an honest one and against a hostile one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from joserfc.jwk import ECKey, OctKey
from pydantic import SecretStr

from flowloom_contracts.api import Workspace
from flowloom_contracts.base import JsonValue
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from gateway.adapters.oidc_provider import OidcProvider
from gateway.adapters.oidc_settings import GivenMembership, GivenProvider
from gateway.domain.permissions import Permission, Role
from gateway.role_ports import OwnRole
from gateway.testing.gateway import PUBLIC_URL, FakeGateway, Server
from gateway.testing.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider

HOME, SECOND = Workspace(id=new_id(), name="Home"), Workspace(id=new_id(), name="Second")
CALLBACK = "/v1/auth/oidc/corp/callback"
START = "/v1/auth/oidc/corp/start"
OUR_PAGE = {"x-flowloom-csrf": "1", "origin": PUBLIC_URL}
PAGE = {"accept": "text/html"}


@dataclass
class World:
    """A gateway with one provider, a browser, and the provider itself."""

    gateway: FakeGateway
    idp: IdentityProvider
    browser: httpx.AsyncClient

    async def leave(self, **query: str) -> str:
        answer = await self.browser.get(START, params=query)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def come_back(self, query: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.browser.get(CALLBACK, params=query, headers=headers)

    async def sign_in(self) -> httpx.Response:
        return await self.come_back(self.idp.consent(await self.leave()))


def _rule(value: str, workspace: Workspace, role: str = "editor") -> GivenMembership:
    return GivenMembership.model_validate(
        {"claim": "groups", "value": value, "workspace_id": workspace.id, "role": role}
    )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = FakeClock()
    idp = IdentityProvider(clock)
    server = Server(uvicorn.Config(idp.app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    await wait_until(lambda: server.started)
    idp.issuer = server.url
    given = GivenProvider(
        id="corp",
        title="Corp",
        issuer=idp.issuer,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        memberships=[
            _rule("makers", HOME),
            _rule("bosses", HOME, "admin"),
            _rule("others", SECOND),
            _rule("readers", HOME, "reader"),
        ],
    )
    async with OutboundClient(allow=[origin(idp.issuer)]) as outside:
        gateway = FakeGateway(
            clock=clock, providers={"corp": OidcProvider(given, outside=outside, clock=clock)}
        )
        for workspace in (HOME, SECOND):
            gateway.accounts.people.workspaces[workspace.id] = workspace
        transport = httpx.ASGITransport(app=gateway.app, raise_app_exceptions=False)
        async with (
            gateway.app.router.lifespan_context(gateway.app),
            httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as browser,
        ):
            yield World(gateway, idp, browser)
    server.should_exit = True
    await serving


async def _me(world: World) -> dict[str, object]:
    renewed = await world.browser.post("/v1/auth/refresh", headers=OUR_PAGE)
    assert renewed.status_code == 200, renewed.text
    bearer = {"authorization": f"Bearer {renewed.json()['access_token']}"}
    me: dict[str, object] = (await world.browser.get("/v1/me", headers=bearer)).json()
    return me


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code in {401, 403} and "flowloom_refresh" not in str(
        answer.headers.get("set-cookie")
    )


async def test_lists_the_providers(world: World) -> None:
    listed = (await world.browser.get("/v1/auth/providers")).json()
    assert listed == {"password": True, "items": [{"id": "corp", "title": "Corp", "start": START}]}


async def test_signs_in_with_code_challenge_and_state(world: World) -> None:
    address = await world.leave(next="/runs?status=failed")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{world.idp.issuer}/authorize?")
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{PUBLIC_URL}{CALLBACK}"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    cookie = world.browser.cookies["flowloom_signin"]
    assert cookie not in address
    back = await world.come_back(world.idp.consent(address))
    assert (back.status_code, back.headers["location"]) == (303, "/runs?status=failed")
    assert "flowloom_signin" not in world.browser.cookies
    me = await _me(world)
    assert (me["workspace"], me["role"]) == ({"id": HOME.id, "name": "Home"}, "editor")
    assert world.idp.redeemed[0]["authorization"].startswith("Basic ")
    assert CLIENT_SECRET not in str(world.idp.redeemed[0]["code_verifier"])


async def test_a_claim_gives_a_role_that_the_workspace_has_made(world: World) -> None:
    world.idp.person["groups"] = ["readers"]
    assert (await world.sign_in()).status_code == 403
    reader = OwnRole(new_id(), Role("reader", frozenset({Permission.RUNS_READ})), "")
    world.gateway.accounts.people.roles[HOME.id, "reader"] = reader
    assert (await world.sign_in()).status_code == 303
    (member,) = world.gateway.accounts.people.members.values()
    assert member.role == reader.role


async def test_gives_and_takes_memberships_by_claims(world: World) -> None:
    await world.sign_in()
    first = await _me(world)
    world.idp.person["groups"] = ["bosses", "others"]
    await world.sign_in()
    again = await _me(world)
    assert (again["user"], again["role"]) == (first["user"], "admin")
    world.idp.person["groups"] = ["others"]
    await world.sign_in()
    assert (await _me(world))["workspace"] == {"id": SECOND.id, "name": "Second"}
    world.idp.person["groups"] = []
    refused = await world.sign_in()
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/no-membership")
    assert _is_refused(refused)


async def test_lets_nobody_in_whom_no_rule_names(world: World) -> None:
    world.idp.person = {"sub": "eve", "groups": "makers of trouble"}
    refused = await world.sign_in()
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/no-membership")
    assert world.gateway.accounts.people.persons == {}


async def test_s04_refuses_an_answer_that_this_browser_did_not_ask_for(world: World) -> None:
    await world.leave()
    foreign_state = {**world.idp.consent(await world.leave()), "state": "x" * 43}
    no_state = {name: value for name, value in foreign_state.items() if name != "state"}
    for query in (foreign_state, no_state, {}, {"error": "access_denied", "state": "x"}):
        assert _is_refused(await world.come_back(query))
    stolen = world.idp.consent(await world.leave())
    world.browser.cookies.clear()
    assert _is_refused(await world.come_back(stolen))
    assert world.idp.redeemed == []


async def test_s04_takes_an_answer_once(world: World) -> None:
    query = world.idp.consent(await world.leave())
    cookie = {"cookie": f"flowloom_signin={world.browser.cookies['flowloom_signin']}"}
    assert (await world.come_back(query)).status_code == 303
    world.browser.cookies.clear()
    assert _is_refused(await world.come_back(query, headers=cookie))
    assert len(world.idp.redeemed) == 1


async def test_s04_refuses_a_code_of_another_sign_in(world: World) -> None:
    """S04: a code that was obtained without our verifier cannot be redeemed, nor one that was used."""
    others = world.idp.consent(await world.leave())["code"]
    mine = world.idp.consent(await world.leave())
    assert _is_refused(await world.come_back({**mine, "code": others}))
    used = world.idp.consent(await world.leave())
    world.idp.codes.clear()
    assert _is_refused(await world.come_back(used))


async def test_s04_refuses_a_sign_in_that_took_too_long(world: World) -> None:
    query = world.idp.consent(await world.leave())
    world.gateway.clock.advance(601)
    assert _is_refused(await world.come_back(query))


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
async def test_s04_refuses_the_answer_of_another_provider(world: World, issuer: str | None) -> None:
    """S04: RFC 9207, the mix-up attack."""
    query = world.idp.consent(await world.leave())
    if issuer is None:
        del query["iss"]
    else:
        query["iss"] = issuer
    assert _is_refused(await world.come_back(query))
    assert world.idp.redeemed == []


Mischief = Callable[[IdentityProvider], object]
NOW = int(FakeClock().now().timestamp())
MISCHIEFS: dict[str, Mischief] = {
    "other issuer": lambda idp: idp.claims.update(iss="https://evil.example"),
    "no issuer": lambda idp: idp.left_out.add("iss"),
    "other audience": lambda idp: idp.claims.update(aud="other"),
    "no audience": lambda idp: idp.left_out.add("aud"),
    "two audiences without azp": lambda idp: idp.claims.update(aud=[CLIENT_ID, "other"]),
    "two audiences, other azp": lambda idp: idp.claims.update(aud=[CLIENT_ID, "other"], azp="other"),
    "other azp": lambda idp: idp.claims.update(azp="other"),
    "other nonce": lambda idp: idp.claims.update(nonce="x" * 43),
    "no nonce": lambda idp: idp.left_out.add("nonce"),
    "expired": lambda idp: idp.claims.update(iat=NOW - 900, exp=NOW - 600),
    "no expiry": lambda idp: idp.left_out.add("exp"),
    "text expiry": lambda idp: idp.claims.update(exp="tomorrow"),
    "of the future": lambda idp: idp.claims.update(iat=NOW + 600),
    "not before": lambda idp: idp.claims.update(nbf=NOW + 600),
    "no subject": lambda idp: idp.left_out.add("sub"),
    "empty subject": lambda idp: idp.claims.update(sub=""),
    "number as subject": lambda idp: idp.claims.update(sub=7),
    "long subject": lambda idp: idp.claims.update(sub="x" * 256),
    "other access token": lambda idp: idp.claims.update(at_hash="x" * 22),
    "foreign key": lambda idp: setattr(idp, "signs_with", ECKey.generate_key("P-256")),
    "unknown key id": lambda idp: idp.header.update(kid="two"),
    "symmetric": lambda idp: setattr(idp, "signs_with", OctKey.import_key(CLIENT_SECRET * 2)),
    "unsigned": lambda idp: setattr(idp, "unsigned", True),
    "access token": lambda idp: idp.header.update(typ="at+jwt"),
    "key in header": lambda idp: idp.header.update(jwk=idp.key.as_dict(private=False)),
    "key by address": lambda idp: idp.header.update(jku="https://evil.example/keys"),
    "no token": lambda idp: setattr(idp, "id_token", ""),
    "list as token": lambda idp: setattr(idp, "id_token", ["a.b.c"]),
    "huge token": lambda idp: setattr(idp, "id_token", "x" * 20_000),
    "error": lambda idp: setattr(idp, "status", 400),
}


@pytest.mark.parametrize("name", MISCHIEFS)
async def test_s04_refuses_an_id_token_that_is_no_answer_to_our_question(world: World, name: str) -> None:
    MISCHIEFS[name](world.idp)
    refused = await world.sign_in()
    assert _is_refused(refused), refused.text
    assert refused.json()["type"] == "/problems/sign-in-refused"
    assert world.gateway.accounts.people.sessions == {}


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "https://169.254.169.254/keys"},
    ],
)
async def test_s04_goes_nowhere_with_a_provider_that_is_another(
    world: World, metadata: dict[str, str]
) -> None:
    world.idp.metadata.update(metadata)
    answer = await world.browser.get(START)
    assert (answer.status_code, answer.json()["type"]) == (502, "/problems/provider-unwell")
    assert "location" not in answer.headers


async def test_s04_follows_a_provider_that_changes_its_keys(world: World) -> None:
    await world.sign_in()
    world.idp.key = ECKey.generate_key("P-256", {"kid": "two"})
    assert _is_refused(await world.sign_in())
    world.gateway.clock.advance(31)
    assert (await world.sign_in()).status_code == 303
    assert world.idp.key_requests == 2


async def test_s03_does_not_take_an_id_token_as_an_access_token(world: World) -> None:
    token = world.idp._signed("nonce")
    answer = await world.browser.get("/v1/me", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/%0d%0aset-cookie:a=b",
        "/a\r\nset-cookie: a=b",
        "/%5cevil.example",
        "/%2fevil.example",
        "/\u2215evil.example",
        "/%e2%80%a8",
        "/%ff",
        "/\t/evil.example",
        "/" + "x" * 600,
    ],
)
async def test_s05_returns_to_a_path_of_our_own_only(world: World, wanted: str) -> None:
    back = await world.come_back(world.idp.consent(await world.leave(next=wanted)))
    assert (back.status_code, back.headers["location"]) == (303, "/")


@pytest.mark.parametrize("wanted", ["/", "/workflows/1?tab=runs#step", "/a%20b/%C3%A4"])
async def test_s05_returns_to_the_page_that_was_asked_for(world: World, wanted: str) -> None:
    back = await world.come_back(world.idp.consent(await world.leave(next=wanted)))
    assert back.headers["location"] == wanted


@pytest.mark.parametrize("verified", [True, False, "true", None])
async def test_s06_never_links_accounts_by_address(world: World, verified: JsonValue) -> None:
    owner = {
        "setup_token": "the-token-this-server-was-started-with",
        "email": "ada@example.org",
        "password": "a long enough password",
        "workspace": "Ada",
    }
    made = await world.browser.post("/v1/auth/setup", json=owner)
    world.idp.person.update({"email": "ada@example.org", "email_verified": verified})
    await world.sign_in()
    me = await _me(world)
    user = me["user"]
    assert isinstance(user, dict)
    assert user["id"] != made.json()["user"]["id"]
    assert user["email"] == ("ada@example.org" if verified is True else "ada@corp")
    login = {"email": "ada@example.org", "password": "a long enough password"}
    again = await world.browser.post("/v1/auth/login", json=login)
    assert again.json()["user"]["id"] == made.json()["user"]["id"]


async def test_s07_a_sign_in_has_a_session_of_its_own(world: World) -> None:
    await world.sign_in()
    first = set(world.gateway.accounts.people.sessions)
    await world.sign_in()
    assert len(set(world.gateway.accounts.people.sessions) - first) == 1


async def test_sends_people_back_to_the_sign_in_page(world: World) -> None:
    refused = await world.come_back({"state": "x", "code": "y"}, headers=PAGE)
    assert (refused.status_code, refused.headers["location"]) == (303, "/sign-in?problem=sign-in-refused")


async def test_sends_people_back_before_they_have_left(world: World) -> None:
    refused = await world.browser.get("/v1/auth/oidc/other/start", headers=PAGE)
    assert (refused.status_code, refused.headers["location"]) == (303, "/sign-in?problem=provider-not-found")


@pytest.mark.parametrize("path", ["start", "callback"])
async def test_does_not_know_other_providers(world: World, path: str) -> None:
    answer = await world.browser.get(f"/v1/auth/oidc/other/{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/provider-not-found")


async def test_slows_down_who_calls_back_often(world: World) -> None:
    world.gateway.throttle.limit = 2
    answers = [await world.come_back({"state": "x", "code": "y"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
