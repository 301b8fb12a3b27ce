"""The description of the interface and the page that shows it."""

import gzip
import re

import httpx
import pytest

from gateway.testing.gateway import PUBLIC_URL, FakeGateway, fake_settings

ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css")


async def test_the_page_loads_only_what_carries_its_nonce(stranger: httpx.AsyncClient) -> None:
    first, second = [await stranger.get("/v1/docs") for _ in range(2)]
    policies = [answer.headers["content-security-policy"] for answer in (first, second)]
    nonces = [re.findall(r"'nonce-([^']+)'", policy) for policy in policies]
    assert len(set(nonces[0])) == 1
    assert nonces[0] != nonces[1]
    for tag in re.findall(r"<(?:script|link rel=\"stylesheet\")[^>]*>", first.text):
        assert f'nonce="{nonces[0][0]}"' in tag
    for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert word not in policies[0]
    for directive in ("frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"):
        assert directive in policies[0]
    assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org)", first.text.replace("<!doctype", ""))


@pytest.mark.parametrize("asset", ASSETS)
async def test_parts_of_the_page_come_from_here(stranger: httpx.AsyncClient, asset: str) -> None:
    plain = await stranger.get(f"/v1/docs/{asset}", headers={"accept-encoding": "identity"})
    packed = await stranger.get(f"/v1/docs/{asset}", headers={"accept-encoding": "gzip"})
    again = await stranger.get(f"/v1/docs/{asset}", headers={"if-none-match": plain.headers["etag"]})
    assert plain.status_code == packed.status_code == 200
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content) / 2
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("asset", ["redoc.standalone.js", "..%2Fcore.py", "%2e%2e/core.py", "favicon.png"])
async def test_nothing_else_of_the_package_is_served(stranger: httpx.AsyncClient, asset: str) -> None:
    assert (await stranger.get(f"/v1/docs/{asset}")).status_code in (404, 422)


async def test_the_description_is_what_is_committed(stranger: httpx.AsyncClient) -> None:
    served = (await stranger.get("/v1/openapi.json")).json()
    assert served["openapi"].startswith("3.1")
    assert set(served["components"]["securitySchemes"]) >= {"access_token", "api_key"}


async def test_both_can_be_switched_off() -> None:
    fakes = FakeGateway(settings=fake_settings(docs_public=False))
    transport = httpx.ASGITransport(app=fakes.app, raise_app_exceptions=False)
    async with (
        fakes.app.router.lifespan_context(fakes.app),
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
    ):
        for path in ("/v1/docs", "/v1/docs/swagger-ui.css", "/v1/openapi.json"):
            assert (await client.get(path)).status_code == 404
