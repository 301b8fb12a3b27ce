"""The guard of the qa agent: the verdict is computed from checks and scores, and no model can change it."""

import math
from collections.abc import Sequence

from agent_qa.checks import Check, check_condition, check_schema, printed
from agent_qa.comparing import compare_with_golden, compare_with_sources
from agent_qa.orders import MOST_SCORE, Criterion, Orders
from agent_qa.reviewed import reviewed
from flowloom_agentkit.guards import Judged
from flowloom_agentkit.reach import Knowledge, StepSoFar
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject, JsonValue

MOST_CHECKS = 100


class ComputedVerdict:
    """`pass` needs a weighted score of at least `pass_score` and every check passed, ordered or made."""

    name = "verdict"
    marker = "verdict"
    computed: Sequence[str] = ("checks", "score", "verdict")
    orders = Orders

    async def judge(self, answer: JsonObject, context: ToolContext) -> Judged:
        """Return the answer with checks, score and verdict in place of whatever the model said of them."""
        orders, read = await reviewed(context)
        scored = _scored(answer.get("criteria"), orders.criteria)
        if isinstance(scored, str):
            return Judged(answer, scored)
        checks = _told_once([*read, *await _ordered(orders, context.knowledge), *_made(context.so_far)])
        weight = sum(criterion.weight for criterion, _, _ in scored)
        score = sum(criterion.weight * points for criterion, points, _ in scored) / weight
        is_good = score >= orders.pass_score and all(check.passed for check in checks)
        told: list[JsonValue] = [
            {"name": criterion.name, "weight": criterion.weight, "score": points, "reason": reason}
            for criterion, points, reason in scored
        ]
        computed: JsonObject = {
            "criteria": told,
            "checks": [check.told() for check in checks[:MOST_CHECKS]],
            "score": round(score, 3),
            "verdict": "pass" if is_good else "fail",
        }
        return Judged({**answer, **computed})


def _scored(said: JsonValue, ordered: Sequence[Criterion]) -> list[tuple[Criterion, float, str]] | str:
    """Return each criterion with its points and reason, or why the model has to score again."""
    entries = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    by_name = {str(one.get("name", "")).strip().casefold(): one for one in reversed(entries)}
    named = [str(one.get("name", "")).strip()[:100] for one in reversed(by_name.values())]
    wanted = list(ordered) or [Criterion(name=name) for name in named if name]
    if not wanted:
        return "`criteria` has nothing in it: score what the question asks for"
    scored = []
    for criterion in wanted:
        entry = by_name.get(criterion.name.strip().casefold(), {})
        points = entry.get("score")
        if isinstance(points, bool) or not isinstance(points, int | float) or not _is_score(points):
            return f"`criteria` needs {criterion.name!r} with a score from 0 to {MOST_SCORE:g}"
        scored.append((criterion, float(points), str(entry.get("reason") or "")[:1_000]))
    return scored


def _is_score(points: float) -> bool:
    return math.isfinite(points) and 0 <= points <= MOST_SCORE


async def _ordered(orders: Orders, knowledge: Knowledge) -> list[Check]:
    """Make the checks that the document orders, on the value that it gave."""
    checks = [] if orders.shape is None else [check_schema(orders.value, orders.shape)]
    checks += [check_condition(orders.value, condition) for condition in orders.conditions]
    if orders.sources or orders.collections:
        text = printed(orders.value)
        checks.append(
            (await compare_with_sources(text, orders.sources, orders=orders, knowledge=knowledge))[0]
        )
    if orders.golden is not None:
        found, _ = await compare_with_golden(orders.value, orders.golden, orders=orders, knowledge=knowledge)
        checks.append(found)
    return checks


def _made(so_far: StepSoFar) -> list[Check]:
    """Return the checks that the model had made; one that failed stays failed."""
    results = [use.result for use in so_far.uses if use.name.startswith("qa.")]
    return [
        Check(str(one.get("check")), one.get("passed") is True, str(one.get("detail") or ""))
        for one in results
        if isinstance(one, dict)
    ]


def _told_once(checks: Sequence[Check]) -> list[Check]:
    """Return the checks without repetitions, those that failed first, so that none is cut off."""
    return sorted(dict.fromkeys(checks), key=lambda check: check.passed)
