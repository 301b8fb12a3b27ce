"""The sources that a step has really seen, by the names under which its model may cite them."""

from dataclasses import dataclass, field
from typing import Final

from agent_research.addresses import canonical
from agent_research.texts import Place, place_of
from flowloom_agentkit.reach import StepSoFar
from flowloom_contracts.base import JsonObject, JsonValue

PASSAGES: Final = "knowledge.search"
PAGES: Final = "web.fetch"


@dataclass(slots=True)
class Source:
    """What is known of a source: `about` goes into each citation, `parts` are texts by where they begin."""

    about: JsonObject
    parts: dict[int, str] = field(default_factory=dict)

    def find(self, quote: str) -> Place | None:
        """Return where a quote stands in it, over the edges of neighbouring parts as well."""
        for start, text in self._joined():
            if found := place_of(quote, text):
                return Place(start + found.start, start + found.end)
        return None

    def _joined(self) -> list[tuple[int, str]]:
        joined: list[tuple[int, str]] = []
        for start, text in sorted(self.parts.items()):
            if joined and joined[-1][0] + len(joined[-1][1]) == start:
                joined[-1] = (joined[-1][0], joined[-1][1] + text)
            else:
                joined.append((start, text))
        return joined


class Sources:
    """All of one step; `numbers` has the short name of each passage, which models copy without mistakes."""

    def __init__(self, so_far: StepSoFar) -> None:
        self._known: dict[str, Source] = {}
        self.numbers: dict[tuple[str, int], str] = {}
        for use in so_far.uses:
            if use.name == PASSAGES and isinstance(use.result, list):
                for passage in use.result:
                    self._add_passage(passage)
            elif use.name == PAGES and isinstance(use.result, dict):
                self._add_page(use.result)

    def get(self, name: str) -> Source | None:
        """Return the source that a model calls so, or None."""
        named = name.strip().strip("[]").strip()
        if named in self._known:
            return self._known[named]
        try:
            return self._known.get(canonical(named))
        except ValueError:
            return None

    def number_of(self, document_id: str, start: int) -> str:
        """Return the name of a passage, a new one if it has none yet."""
        return self.numbers.setdefault((document_id, start), f"K{len(self.numbers) + 1}")

    def _add_passage(self, passage: JsonValue) -> None:
        if not isinstance(passage, dict):
            return
        document, start, text = passage.get("document_id"), passage.get("start"), passage.get("text")
        if isinstance(document, str) and isinstance(start, int) and isinstance(text, str):
            about: JsonObject = {"source": document, "kind": "document", "title": passage.get("document")}
            about |= {name: passage[name] for name in ("collection", "page") if passage.get(name) is not None}
            self._known[self.number_of(document, start)] = Source(about, {start: text})

    def _add_page(self, page: JsonObject) -> None:
        url, start, text = page.get("url"), page.get("start"), page.get("text")
        if isinstance(url, str) and isinstance(start, int) and isinstance(text, str):
            known = self._known.setdefault(
                canonical(url), Source({"source": url, "kind": "page", "title": page.get("title")})
            )
            known.parts[start] = text
