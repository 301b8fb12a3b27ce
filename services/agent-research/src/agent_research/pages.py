"""Reads pages of the web: what kind they are, their own matter, in pieces that fit into a prompt."""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from flowloom_agentkit.confined import run_confined
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import Web, WebAnswer

PIECE_CHARS: Final = 6_000
MOST_PIECES: Final = 20
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
PLAIN: Final = re.compile(r"text/[a-z0-9.+-]+|application/(json|xml|yaml|[a-z0-9.-]+\+(json|xml))")


class Page(BaseModel):
    """A page as it was read; `links` are addresses with their words."""

    url: str = ""
    title: str = ""
    text: str = ""
    links: list[tuple[str, str]] = []


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page's text: which of how many, and where it begins in the whole."""

    number: int
    of: int
    start: int
    text: str


async def read_page(web: Web, url: str) -> Page:
    """Return a page; raises `ToolFailedError` with what the model can do about it."""
    answer = await web.get(url)
    if not 200 <= answer.status < 300:
        raise ToolFailedError(f"{answer.url} answered {answer.status}")
    return await page_of(answer)


async def page_of(answer: WebAnswer) -> Page:
    """Return what an answer says as text; HTML is read apart, because strangers wrote it."""
    kind = answer.media_type or "text/html"
    if kind in HTML:
        content = f"{answer.url}\n{answer.text}".encode("utf-8", "replace")
        read = Page.model_validate(await run_confined("agent_research.reading", content))
        return read.model_copy(update={"url": answer.url})
    if PLAIN.fullmatch(kind):
        return Page(url=answer.url, text=answer.text)
    raise ToolFailedError(f"{answer.url} is {kind[:80]!r}: only pages and plain text can be read")


def piece_of(page: Page, number: int) -> Piece:
    """Return a part of a page, from 1; raises `ToolFailedError` behind the last."""
    count = min(max(-(-len(page.text) // PIECE_CHARS), 1), MOST_PIECES)
    if not 1 <= number <= count:
        raise ToolFailedError(f"the page has the parts 1 to {count}")
    start = (number - 1) * PIECE_CHARS
    return Piece(number, count, start, page.text[start : start + PIECE_CHARS])
