"""Searches one site: by the operator's engine, else among the addresses that the site itself lists."""

import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from agent_research.addresses import canonical, site_of
from agent_research.pages import Page, read_page
from agent_research.texts import squeezed
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import Web

MOST_ADDRESSES: Final = 2_000
MOST_MAPS: Final = 3
MOST_READ: Final = 6
SNIPPET_CHARS: Final = 300
LOC: Final = re.compile(r"<loc>\s*([^<]{1,2000}?)\s*</loc>", re.IGNORECASE)
SITEMAP: Final = re.compile(r"^\s*sitemap:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
WORD: Final = re.compile(r"\w{2,}")


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of the site that has to do with the question."""

    url: str
    title: str
    snippet: str


async def search_in_site(web: Web, root: str, query: str, *, top: int) -> list[FoundPage]:
    """Return pages of a site, best first; a few requests, and the same answer while the site stays the same.

    Raises `ToolFailedError` when neither an engine nor the site can be asked.
    """
    site = site_of(root)
    hits = await web.search(f"site:{site} {query}")
    if hits is not None:
        own = [hit for hit in hits if site_of(hit.url) == site]
        return [FoundPage(hit.url, hit.title[:200], squeezed(hit.text)[:SNIPPET_CHARS]) for hit in own[:top]]
    front = await read_page(web, root)
    addresses = {canonical(url): words for url, words in front.links if site_of(url) == site}
    for url in await _listed(web, front.url):
        addresses.setdefault(url, "")
    wanted = set(WORD.findall(query.lower()))
    ranked = sorted(
        addresses, key=lambda url: (-_shared(wanted, f"{unquote(url)} {addresses[url]}"), len(url), url)
    )
    pages = [front]
    for url in [one for one in ranked if one != canonical(front.url)][:MOST_READ]:
        try:
            pages.append(await read_page(web, url))
        except ToolFailedError:
            continue  # one page that is gone does not end a search
    about = [(page, _shared(wanted, f"{page.title} {page.text}")) for page in pages]
    best = sorted((one for one in about if one[1]), key=lambda one: -one[1])[:top]
    return [FoundPage(page.url, page.title, _snippet(page, wanted)) for page, _ in best]


async def _listed(web: Web, root: str) -> list[str]:
    """Return the addresses in the site's own maps, those of other hosts left out."""
    site, found = site_of(root), dict[str, None]()
    maps = [
        url for url in SITEMAP.findall(await _text(web, urljoin(root, "/robots.txt"))) if site_of(url) == site
    ]
    waiting = maps[:MOST_MAPS] or [urljoin(root, "/sitemap.xml")]
    read = 0
    while waiting and read < MOST_MAPS and len(found) < MOST_ADDRESSES:
        read += 1
        for loc in LOC.findall(await _text(web, waiting.pop(0))):
            url = html.unescape(loc)
            if site_of(url) != site:
                continue
            if urlsplit(url).path.endswith(".xml"):
                waiting.append(url)
            elif len(found) < MOST_ADDRESSES:
                found[canonical(url)] = None
    return list(found)


async def _text(web: Web, url: str) -> str:
    try:
        answer = await web.get(url)
        return answer.text if answer.status == 200 and site_of(answer.url) == site_of(url) else ""
    except ToolFailedError:
        return ""  # few sites have all of these files


def _shared(wanted: set[str], text: str) -> int:
    return len(wanted & set(WORD.findall(text.lower())))


def _snippet(page: Page, wanted: set[str]) -> str:
    """Return the line with most of the words."""
    lines = page.text.split("\n")
    best = max(lines, key=lambda line: _shared(wanted, line)) if lines else ""
    return best[:SNIPPET_CHARS]
