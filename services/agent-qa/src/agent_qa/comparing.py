"""Checks that compare by meaning: with sources, and with a value that is known to be right."""

from collections.abc import Sequence
from typing import Final

from agent_qa.checks import Check, difference, printed
from agent_qa.orders import Orders
from agent_qa.support import Claim, claims_of
from flowloom_agentkit.reach import Knowledge
from flowloom_contracts.base import JsonValue

MOST_TOLD: Final = 5
COMPARED_CHARS: Final = 4_000


async def compare_with_sources(
    text: str, sources: Sequence[str], *, orders: Orders, knowledge: Knowledge
) -> tuple[Check, list[Claim]]:
    """Return whether every sentence is supported, and each with what speaks for it."""
    claims = await claims_of(
        text, sources, collections=orders.collections, knowledge=knowledge, support=orders.support
    )
    wrong = [claim for claim in claims if not claim.is_supported]
    told = "; ".join(_why(claim) for claim in wrong[:MOST_TOLD])
    return Check("sources", passed=not wrong, detail=told), claims


async def compare_with_golden(
    value: JsonValue, golden: JsonValue, *, orders: Orders, knowledge: Knowledge
) -> tuple[Check, str]:
    """Return whether a value is like the right one, by words or by meaning, and where they differ."""
    alike, shown = difference(value, golden)
    if isinstance(value, str) and isinstance(golden, str) and value.strip() and golden.strip():
        near = await knowledge.compare([printed(value)[:COMPARED_CHARS]], [printed(golden)[:COMPARED_CHARS]])
        alike = max(alike, near[0].similarity) if near else alike
    detail = f"{alike:.2f} alike, {orders.similarity:.2f} needed"
    return Check("golden", passed=alike >= orders.similarity, detail=detail), shown


def _why(claim: Claim) -> str:
    reason = f"the sources lack {', '.join(claim.missing[:5])}" if claim.missing else "nothing is near it"
    return f"{claim.sentence[:160]!r}: {reason}"
