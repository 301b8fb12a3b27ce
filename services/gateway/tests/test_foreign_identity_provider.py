"""Sign-in with an identity provider that others wrote: `oidc-provider-mock`, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from flowloom_contracts.api import Workspace
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.postgres import free_port
from flowloom_servicekit.testing.waiting import wait_until
from gateway.adapters.oidc_provider import OidcProvider
from gateway.adapters.oidc_settings import GivenMembership, GivenProvider
from gateway.testing.gateway import PUBLIC_URL, FakeGateway

HOME = Workspace(id=new_id(), name="Home")
START = "/v1/auth/oidc/corp/start"
PEOPLE = (
    {"sub": "ada", "groups": ["makers"], "email": "ada@example.org", "email_verified": True},
    {"sub": "eve", "groups": ["strangers"]},
)
STARTING_S = 60.0


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    people = [part for person in PEOPLE for part in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", *people]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as provider:
        yield f"http://127.0.0.1:{port}"
        provider.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/.well-known/openid-configuration").status_code == 200
    except httpx.ConnectError:
        return False


@pytest.fixture
async def browser(issuer: str) -> AsyncIterator[httpx.AsyncClient]:
    await wait_until(lambda: _answers(issuer), timeout_s=STARTING_S)
    rule = {"claim": "groups", "value": "makers", "workspace_id": HOME.id, "role": "editor"}
    given = GivenProvider(
        id="corp",
        title="Corp",
        issuer=issuer,
        client_id="flowloom",
        client_secret=SecretStr("the-secret-of-the-client"),
        memberships=[GivenMembership.model_validate(rule)],
    )
    clock = FakeClock(datetime.now(UTC))
    async with OutboundClient(allow=[origin(issuer)]) as outside:
        provider = OidcProvider(given, outside=outside, clock=clock)
        gateway = FakeGateway(clock=clock, providers={"corp": provider})
        gateway.accounts.people.workspaces[HOME.id] = HOME
        transport = httpx.ASGITransport(app=gateway.app, raise_app_exceptions=False)
        async with (
            gateway.app.router.lifespan_context(gateway.app),
            httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
        ):
            yield client


async def _consent(address: str, sub: str) -> str:
    """Say yes on the provider's own page; return where it sends the browser."""
    async with httpx.AsyncClient() as page:
        assert (await page.get(address)).status_code == 200
        answer = await page.post(address, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"]).removeprefix(PUBLIC_URL)


async def _back_from(browser: httpx.AsyncClient, sub: str) -> httpx.Response:
    left = await browser.get(START)
    assert left.status_code == 303, left.text
    return await browser.get(await _consent(left.headers["location"], sub))


async def test_whom_a_rule_names_is_signed_in(browser: httpx.AsyncClient) -> None:
    back = await _back_from(browser, "ada")
    assert (back.status_code, back.headers["location"]) == (303, "/"), back.text
    ours = {"x-flowloom-csrf": "1", "origin": PUBLIC_URL}
    renewed = await browser.post("/v1/auth/refresh", headers=ours)
    bearer = {"authorization": f"Bearer {renewed.json()['access_token']}"}
    me = (await browser.get("/v1/me", headers=bearer)).json()
    assert (me["workspace"]["name"], me["role"]) == ("Home", "editor")
    assert me["user"]["email"] == "ada@example.org"


async def test_whom_no_rule_names_is_not(browser: httpx.AsyncClient) -> None:
    back = await _back_from(browser, "eve")
    assert (back.status_code, back.json()["type"]) == (403, "/problems/no-membership")
    assert "flowloom_refresh" not in browser.cookies


async def test_who_refuses_there_is_not_signed_in_here(browser: httpx.AsyncClient) -> None:
    left = await browser.get(START)
    async with httpx.AsyncClient() as page:
        answer = await page.post(left.headers["location"], data={"action": "deny"})
    address = str(answer.headers["location"])
    assert parse_qs(urlsplit(address).query)["error"] == ["access_denied"]
    back = await browser.get(address.removeprefix(PUBLIC_URL))
    assert back.status_code in {401, 403}
    assert "flowloom_refresh" not in browser.cookies
