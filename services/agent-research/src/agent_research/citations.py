"""The guard of the research agent: a quote that is not in its source does not leave the step as one."""

from collections.abc import Sequence
from typing import Final

from agent_research.orders import Orders
from agent_research.sources import Sources
from agent_research.texts import MIN_QUOTE_CHARS, squeezed
from flowloom_agentkit.guards import Judged
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject, JsonValue

MOST_TOLD: Final = 5
MOST_CITATIONS: Final = 50


class CitedSources:
    """Completes the citations that hold and strikes the others; `with.citations: fail` refuses the answer."""

    name = "citations"
    marker = "citations"
    computed: Sequence[str] = ("struck",)
    orders = Orders

    async def judge(self, answer: JsonObject, context: ToolContext) -> Judged:
        """Return the answer with what each citation rests on; quotes are looked up, nothing is guessed."""
        sources = Sources(context.so_far)
        said = answer.get("citations")
        kept: list[JsonValue] = []
        struck: list[JsonValue] = []
        for citation in said[:MOST_CITATIONS] if isinstance(said, list) else []:
            found = _found(citation, sources)
            (struck if "reason" in found else kept).append(found)
        output: JsonObject = {**answer, "citations": kept, "struck": struck}
        if Orders.of(context.so_far.given).citations == "fail":
            return Judged(output, _remark(struck, kept))
        return Judged(output)


def _found(citation: JsonValue, sources: Sources) -> JsonObject:
    """Return a citation with its span, or with the reason why it is struck."""
    said = citation if isinstance(citation, dict) else {}
    name, quote = str(said.get("source") or ""), str(said.get("quote") or "")
    claimed: JsonObject = {"source": name[:2_000], "quote": quote[:2_000]}
    source = sources.get(name)
    if source is None:
        return {**claimed, "reason": "no tool has brought this source"}
    if len(squeezed(quote)) < MIN_QUOTE_CHARS:
        return {**claimed, "reason": f"a quote has at least {MIN_QUOTE_CHARS} characters"}
    place = source.find(quote)
    if place is None:
        return {**claimed, "reason": "these words are not in the source"}
    return {**source.about, "quote": quote, "span": {"start": place.start, "end": place.end}}


def _remark(struck: list[JsonValue], kept: list[JsonValue]) -> str | None:
    if struck:
        told = "; ".join(
            f"{str(one.get('quote'))[:120]!r} from {str(one.get('source'))[:120]!r}: {one.get('reason')}"
            for one in struck[:MOST_TOLD]
            if isinstance(one, dict)
        )
        return (
            f"{len(struck)} citations do not hold: {told}. Copy quotes word for word from what the tools gave"
        )
    return None if kept else "the answer cites nothing: say with quotes what it rests on"
