"""Pages of the web: their own matter, character sets, kinds, parts, links, and those that are hostile."""

import pytest

from agent_research.pages import PIECE_CHARS, page_of
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import WebAnswer

ARTICLE = """<html><head><title>Food of bees - Bees</title><script>steal()</script></head><body>
<nav><a href="/">Home</a> <a href="/about">About</a></nav>
<article><h1>Food of bees</h1>{paragraphs}</article>
<footer>Imprint</footer></body></html>"""
PARAGRAPH = (
    '<p>Bees eat nectar and pollen, which they find, <a href="/plants#list">on plants</a>, in gardens and in'
    " fields. In winter they live on what they have kept, which is why honey is taken with care.</p>"
)


def answer(body: bytes, kind: str = "text/html; charset=utf-8") -> WebAnswer:
    return WebAnswer("https://bees.example/food", 200, kind, body)


async def test_reads_an_articles_own_matter_title_and_links() -> None:
    page = await page_of(answer(ARTICLE.format(paragraphs=PARAGRAPH * 3).encode()))
    assert page.title == "Food of bees - Bees"
    assert page.text.startswith("Food of bees\nBees eat nectar and pollen, which they find, on plants, in")
    assert "steal" not in page.text and "Imprint" not in page.text
    assert ("https://bees.example/plants", "on plants") in page.links


async def test_reads_a_page_whole_that_is_no_article() -> None:
    page = await page_of(answer(b"<title>T</title><ul><li>One</li><li>Two</li></ul>"))
    assert page.text == "One\nTwo"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>Käse für Bären</p>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ('<meta charset="windows-1252"><p>Käse für Bären</p>'.encode("cp1252"), "text/html"),
        ("\ufeff<p>Käse für Bären</p>".encode("utf-16"), "text/html"),
        ("<p>Käse für Bären</p>".encode(), ""),
        ("Käse für Bären".encode(), "text/plain"),
    ],
)
async def test_reads_the_character_set_that_is_said_somewhere(body: bytes, kind: str) -> None:
    assert (await page_of(answer(body, kind))).text.strip("\ufeff") == "Käse für Bären"


async def test_refuses_what_is_no_text() -> None:
    with pytest.raises(ToolFailedError, match="image/png"):
        await page_of(answer(b"\x89PNG", "image/png"))
    with pytest.raises(ToolFailedError, match="character set"):
        await page_of(answer(b"x", "text/plain; charset=zlib"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<",
        b"<!--",
        b"\x00\xff" * 1_000,
        b"<div>" * 20_000 + b"deep",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    ],
)
async def test_survives_broken_pages(body: bytes) -> None:
    assert len((await page_of(answer(body))).text) <= PIECE_CHARS


@pytest.mark.timeout(60)
async def test_stops_a_page_that_keeps_its_reader_busy() -> None:
    with pytest.raises(ToolFailedError, match=r"stopped|hostile"):
        await page_of(answer(b"<p>," * 500_000))


async def test_reads_no_file_that_a_page_names() -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/passwd">]><p>before &f; after</p>'
    )
    page = await page_of(answer(body, "application/xhtml+xml"))
    assert "root:" not in page.text
