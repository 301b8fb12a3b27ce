"""Which addresses a step may read: those it was given, and what stands on their sites. Never one made up.

A model that obeys a page could otherwise carry what it has read to any address, inside that address.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urldefrag, urlsplit

from agent_research.orders import Orders
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import StepSoFar, ToolUse
from flowloom_contracts.base import JsonValue

URL: Final = re.compile(r"https?://[^\s<>\"'`\])}|\\^]+", re.IGNORECASE)
EVERY_SITE: Final = "*"


def canonical(url: str) -> str:
    """Return an address without its fragment and with its host in lower case; a bare host is its root."""
    parts = urlsplit(urldefrag(url.strip()).url)
    return parts._replace(
        scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/"
    ).geturl()


def site_of(url: str) -> str:
    """Return the host of an address as people name a site: without `www.`."""
    return host_of(url).removeprefix("www.")


def host_of(url: str) -> str:
    """Return host and port of an address, empty if it has none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


class Known:
    """The addresses of one step: `named` by people or the operator's search engine, `linked` by pages."""

    def __init__(self, so_far: StepSoFar) -> None:
        self._orders = Orders.of(so_far.given)
        self._prompt = so_far.prompt
        self._named = set(_canonicals((*self._orders.pages, *_addresses(so_far.prompt))))
        self._linked: set[str] = set()
        for use in so_far.uses:
            self._learn(use)
        ordered = {site.lower().removeprefix("www.") for site in self._orders.sites}
        self._sites = {site_of(url) for url in self._named} | ordered

    def ensure(self, url: str) -> str:
        """Return the address in its one spelling; raises `ToolFailedError` if nobody gave it."""
        try:
            address = canonical(url)
        except ValueError as error:
            raise ToolFailedError(f"{url[:200]!r} is no address") from error
        if address in self._named or self._is_root_of_named(address):
            return address
        if address not in self._linked:
            raise ToolFailedError(
                f"{url[:200]!r} was not given to you: read addresses of the question, of search results or of"
                " links on their sites, exactly as they are written"
            )
        if not self.has_site(site_of(address)):
            raise ToolFailedError(
                f"{host_of(address)!r} is another site than those you were given; a document can name it in"
                " `with.sites`"
            )
        return address

    def has_site(self, site: str) -> bool:
        """Whether pages of a site may be read."""
        return site in self._sites or EVERY_SITE in self._sites or self._is_mentioned(site)

    def root_of(self, site: str) -> str:
        """Return where to begin on a site, by its name or any address of it; raises `ToolFailedError`."""
        host = host_of(site) or host_of(f"https://{site.strip().strip('/')}")
        if not host or not self.has_site(host.removeprefix("www.")):
            raise ToolFailedError(f"{site[:200]!r} is no site that you were given")
        schemes = {urlsplit(url).scheme for url in self._named if host_of(url) == host}
        return f"{'http' if schemes == {'http'} else 'https'}://{host}/"

    def _learn(self, use: ToolUse) -> None:
        if use.name == "web.search_site" or use.name == "web.fetch":
            self._linked |= set(_canonicals(_values(use.result, "url")))
        elif use.name == "knowledge.search":
            for text in _values(use.result, "text"):
                self._linked |= set(_canonicals(_addresses(text)))

    def _is_root_of_named(self, address: str) -> bool:
        parts = urlsplit(address)
        return (
            parts.path == "/"
            and not parts.query
            and (site_of(address) in self._sites or self._is_mentioned(site_of(address)))
        )

    def _is_mentioned(self, site: str) -> bool:
        """Whether the question names a site without scheme, as people do."""
        return "." in site and bool(
            re.search(
                rf"(?<![\w@/-])(?<!\w\.)(?:www\.)?{re.escape(site)}(?![\w-]|\.\w)",
                self._prompt,
                re.IGNORECASE,
            )
        )


def _canonicals(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        try:
            yield canonical(url)
        except ValueError:
            continue  # others wrote it


def _addresses(text: str) -> Iterator[str]:
    for found in URL.findall(text):
        yield found.rstrip(".,;:!?")


def _values(result: JsonValue, name: str) -> Iterable[str]:
    """Yield the texts under a key, at any depth."""
    if isinstance(result, dict):
        for key, value in result.items():
            if key == name and isinstance(value, str):
                yield value
            else:
                yield from _values(value, name)
    elif isinstance(result, list):
        for value in result:
            yield from _values(value, name)
