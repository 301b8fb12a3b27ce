"""How tests and benchmarks talk to a running mock server: script it and read its ledger."""

from collections import Counter
from types import TracebackType
from typing import Self

import httpx

from benchmarks.mock_llm.ledger import Entry, LedgerPage
from benchmarks.mock_llm.plan import Rule


class MockModel:
    """A client of one mock server."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.AsyncClient(base_url=self.url, timeout=10, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def script(self, *rules: Rule, keep: bool = True) -> None:
        """Put rules before the ones there are; with `keep=False` instead of them."""
        body = [rule.model_dump() for rule in rules]
        answer = await self._client.post("/rules", params={"keep": "1" if keep else "0"}, json=body)
        answer.raise_for_status()

    async def page(self, after: int = 0) -> LedgerPage:
        """Return the ledger after a line."""
        answer = await self._client.get("/ledger", params={"after": after})
        answer.raise_for_status()
        return LedgerPage.model_validate_json(answer.content)

    async def entries(self, marker: str) -> list[Entry]:
        """Return the lines whose marker begins with a text."""
        page = await self.page()
        return [entry for entry in page.entries if entry.marker.startswith(marker)]

    async def counts(self, marker: str) -> dict[str, Counter[str]]:
        """Return how often each event happened, by full marker."""
        counted: dict[str, Counter[str]] = {}
        for entry in await self.entries(marker):
            counted.setdefault(entry.marker, Counter())[entry.event] += 1
        return counted
