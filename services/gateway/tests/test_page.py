"""The browser application: one document for every page, nothing a stranger's script could use."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.page import NONCE
from gateway.testing.gateway import PUBLIC_URL, FakeGateway, fake_settings

DOCUMENT = f'<!doctype html><script nonce="{NONCE}" src="/assets/app-1.js"></script>'
AS_BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of a gateway that has a built page."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "assets" / "app-1.js").write_text("let app = 1;", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not for anybody", encoding="utf-8")
    app = FakeGateway(fake_settings(page_dir=tmp_path)).app
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["/", "/sign-in", "/workflows/0190", "/settings/api-keys"])
async def test_opens_every_page_with_a_nonce_of_its_own(browser: httpx.AsyncClient, path: str) -> None:
    answers = [await browser.get(path, headers=AS_BROWSER) for _ in range(2)]
    nonces = set()
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        found = re.search(r"script-src 'self' 'nonce-([\w-]+)'", policy)
        assert found and f'nonce="{found[1]}"' in answer.text
        assert (
            "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        )
        nonces.add(found[1])
    assert len(nonces) == 2


async def test_lets_assets_be_kept_for_ever(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/app-1.js")
    assert (answer.status_code, answer.text) == (200, "let app = 1;")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/hooks/", "/internal/x", "/assets/none.js", "/assets/%2e%2e/secret.txt"]
)
async def test_is_not_the_answer_to_a_program(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path, headers=AS_BROWSER)
    assert answer.status_code in {401, 404, 405}
    assert answer.headers["content-type"] == "application/problem+json"
    assert "not for anybody" not in answer.text


async def test_answers_a_program_that_lost_its_way_with_a_problem(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/workflows", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
