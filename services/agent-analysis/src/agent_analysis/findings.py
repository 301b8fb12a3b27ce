"""Judges findings: each number that one rests on is a number that the query it names has returned."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_analysis.orders import Orders
from agent_analysis.tools import ASKED
from flowloom_agentkit.guards import Judged
from flowloom_agentkit.reach import ToolUse
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject, JsonValue

MARKER: Final = "findings"
MOST_FINDINGS: Final = 50
_NUMBER: Final = re.compile(r"(?<![\w.,])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")
_LARGE: Final = 100
_BARE: Final = 10
"""Whole numbers below it are words as often as figures: two of three, the first."""


class Evidence(BaseModel):
    """What one answer of a tool says for a finding."""

    model_config = ConfigDict(extra="ignore")

    query: str = Field(description="The `id` of an answer of table.query or table.describe.")
    numbers: list[float] = Field(default=[], max_length=50)


class Finding(BaseModel):
    """A statement and what it rests on."""

    model_config = ConfigDict(extra="ignore")

    statement: str = Field(min_length=1)
    evidence: list[Evidence] = Field(min_length=1, max_length=20)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    findings: list[Finding] = Field(max_length=MOST_FINDINGS)


@dataclass(frozen=True)
class Known:
    """An answer of a tool: over which table, by which query, with which numbers."""

    table: str
    query: str
    numbers: tuple[float, ...]

    def has(self, number: float) -> bool:
        """Whether the answer has a number, or one that rounds to it; a share may be said as percent."""
        return any(
            _is_said(number, one) or (abs(one) <= 1 and _is_said(number, 100 * one)) for one in self.numbers
        )


class EvidencedFindings:
    """A `Guard` of steps whose output has `findings`; it adds table and query to each piece of evidence."""

    name = "findings.check"
    marker = MARKER
    computed: Sequence[str] = ()
    orders = Orders

    async def judge(self, answer: JsonObject, context: ToolContext) -> Judged:
        """See `Guard.judge`."""
        try:
            said = _Answer.model_validate(answer)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in wrong["loc"])
            return Judged(answer, f"`{where}`: {wrong['msg']}")
        known = _answers(context.so_far.uses)
        for finding in said.findings:
            remark = _remark(finding, known)
            if remark is not None:
                return Judged(answer, remark)
        findings: list[JsonValue] = [_completed(finding, known) for finding in said.findings]
        return Judged({**answer, MARKER: findings})


def _answers(uses: list[ToolUse]) -> dict[str, Known]:
    known = {}
    for use in uses:
        if use.name not in ASKED or not isinstance(use.result, dict):
            continue
        query = str(use.arguments.get("sql") or "describe")
        table = str(use.arguments.get("table") or "")
        known[str(use.result.get("id"))] = Known(table, query, tuple(_numbers_in(use.result)))
    return known


def _remark(finding: Finding, known: dict[str, Known]) -> str | None:
    cited = []
    for evidence in finding.evidence:
        answer = known.get(evidence.query)
        if answer is None:
            there = ", ".join(known) or "none: ask table.query first"
            return f"evidence names {evidence.query!r}; the answers that there are: {there}"
        for number in evidence.numbers:
            if not answer.has(number):
                return f"{number:g} is not among the numbers of {evidence.query}; copy them as they are there"
        cited.append(answer)
    for number in _said_in(finding.statement):
        if not any(
            answer.has(number) or str(number).rstrip("0").rstrip(".") in answer.query for answer in cited
        ):
            return (
                f"the statement {finding.statement[:80]!r} says {number:g}, "
                "which its evidence does not have: query it, or leave it out"
            )
    return None


def _completed(finding: Finding, known: dict[str, Known]) -> JsonObject:
    evidence: list[JsonValue] = [
        {
            "id": one.query,
            "table": known[one.query].table,
            "query": known[one.query].query,
            "numbers": [*one.numbers],
        }
        for one in finding.evidence
    ]
    return {"statement": finding.statement, "evidence": evidence}


def _is_said(said: float, value: float) -> bool:
    """Whether a number is a value as far as it is written out, 3.14 for 3.14159."""
    text = f"{said:.10f}".rstrip("0")
    decimals = len(text.partition(".")[2])
    if math.isclose(said, value, rel_tol=1e-9, abs_tol=1e-12):
        return True
    # Rounded: to the decimals that are written, and to whole numbers only where those are large.
    return (decimals > 0 or abs(value) >= _LARGE) and abs(said - value) <= 0.5 * 10**-decimals + 1e-9


def _said_in(statement: str) -> Iterator[float]:
    for found in _NUMBER.finditer(statement):
        number = abs(float(found[0].replace(",", "")))
        if "." in found[0] or number >= _BARE:
            yield number


def _numbers_in(value: JsonValue) -> Iterator[float]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
        yield abs(float(value))
    elif isinstance(value, str):
        # Dates and names can hold the numbers that a statement says: 2026, Q3.
        for found in re.finditer(r"\d+(?:\.\d+)?", value[:200]):
            yield float(found[0])
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers_in(inner)
    else:
        for name, inner in value.items():
            if name not in ("id", "is_cut"):
                yield from _numbers_in(inner)
