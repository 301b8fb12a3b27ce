"""The tools of the research agent."""

from agent_research.addresses import Known
from agent_research.orders import Orders
from agent_research.pages import piece_of, read_page
from agent_research.site_search import search_in_site
from agent_research.sources import Sources
from flowloom_agentkit.memory_tools import search_memory
from flowloom_agentkit.tools import ToolContext, tool
from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import PassageHit

MOST_LINKS = 40


@tool("knowledge.search", effect="none", outside=True)
async def search_knowledge(ctx: ToolContext, query: str, top: int = 5) -> list[JsonObject]:
    """Search the workspace's documents. Each passage has a `source`, such as K1, to cite it by."""
    collections = Orders.of(ctx.so_far.given).collections
    hits = await ctx.knowledge.search(query, collections=collections, top=min(max(top, 1), 10))
    sources = Sources(ctx.so_far)
    return [_passage(hit, sources) for hit in hits]


@tool("web.fetch", effect="none", outside=True)
async def fetch_page(ctx: ToolContext, url: str, part: int = 1) -> JsonObject:
    """Read a page whose address you were given or found as a link, in parts if it is long; cite its url."""
    page = await read_page(ctx.web, Known(ctx.so_far).ensure(url))
    piece = piece_of(page, part)
    return {
        "url": page.url,
        "title": page.title,
        "part": piece.number,
        "parts": piece.of,
        "start": piece.start,
        "text": piece.text,
        "links": [{"url": url, "text": words} for url, words in page.links[:MOST_LINKS]] if part == 1 else [],
    }


@tool("web.search_site", effect="none", outside=True)
async def search_site(ctx: ToolContext, site: str, query: str, top: int = 5) -> list[JsonObject]:
    """Find pages of one site, such as example.org, that are about something. Read them with web.fetch."""
    found = await search_in_site(ctx.web, Known(ctx.so_far).root_of(site), query, top=min(max(top, 1), 8))
    return [{"url": page.url, "title": page.title, "snippet": page.snippet} for page in found]


TOOLS = [search_memory, search_knowledge, fetch_page, search_site]


def _passage(hit: PassageHit, sources: Sources) -> JsonObject:
    at = hit.citation
    return {
        "source": sources.number_of(at.document_id, at.start),
        "document": at.name,
        "document_id": at.document_id,
        "collection": hit.collection,
        "headings": list(at.headings),
        "page": at.page_from,
        "start": at.start,
        "end": at.end,
        "score": round(hit.score, 4),
        "text": hit.text,
    }
