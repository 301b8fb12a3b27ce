"""Which budgets a call counts against: of the steps around it, the run, rules, and the workspace's day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowloom_contracts.base import JsonValue
from flowloom_contracts.budgets import WorkspaceBudget
from flowloom_contracts.document_parts import CheaperModel
from flowloom_contracts.rules import Rule
from flowloom_contracts.runs import Spending
from flowloom_language.plan import Plan
from flowloom_language.retries import written_on_reach
from flowloom_language.tasks import step_budget
from orchestrator.domain.budgets import Cap
from orchestrator.domain.periods import day_of, start_of
from orchestrator.domain.records import RunRecord
from orchestrator.domain.workspace_budgets import caps_of_workspace, owners_of_workspace


@dataclass(frozen=True)
class DayLimits:
    """What a workspace may use in a day (UTC); None has no limit."""

    tokens: int | None = None
    usd_micro: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is a limit at all."""
        return self.tokens is not None or self.usd_micro is not None


NO_DAY_LIMITS = DayLimits()


def caps_of(
    record: RunRecord,
    path: str,
    *,
    day: DayLimits = NO_DAY_LIMITS,
    limiting: Sequence[Rule] = (),
    budgets: Sequence[WorkspaceBudget] = (),
    now: datetime,
) -> tuple[Cap, ...]:
    """Return the budgets of a step's calls: its document's, of rules that hold, and its workspace's.

    Raises ExpressionError.
    """
    return (
        *_of_steps(record, path),
        *_of_run(record),
        *(_of_rule(record, rule, now) for rule in limiting if rule.limit is not None),
        *_of_day(record, day, now),
        *caps_of_workspace(record, budgets, now=now),
    )


def has_caps(record: RunRecord, path: str) -> bool:
    """Whether the document or whoever started the run limits what a step may use."""
    if any(True for _ in _of_run(record)):
        return True
    return any(record.plan.at(owner).step.budget is not None for owner in steps_around(record.plan, path))


def owners_around(record: RunRecord, path: str, *, at: datetime) -> tuple[str, ...]:
    """Return the names of all ledgers that a step's calls may count against, rules excepted by name."""
    steps = (step_owner(record, owner) for owner in steps_around(record.plan, path))
    rules = (rule_owner(record, rule, at) for rule in record.rules or () if rule.limit is not None)
    day = f"day:{record.workspace_id}:{day_of(at)}"
    return (*steps, run_owner(record), day, *rules, *owners_of_workspace(record, at=at))


def cheaper_model(plan: Plan, data: JsonValue) -> str:
    """Return the model that takes over: the one a person named, else the document's, else the default."""
    named = data.get("model") if isinstance(data, dict) else None
    return named if isinstance(named, str) and named else _written_model(plan) or "default"


def _of_steps(record: RunRecord, path: str) -> Iterator[Cap]:
    for owner in steps_around(record.plan, path):
        if record.plan.at(owner).step.budget is None:
            continue
        budget = step_budget(record.plan, record.state, owner, values=record.values)
        if budget is not None and (budget.tokens or budget.usd):
            yield _cap(record.plan, step_owner(record, owner), "step", budget)


def _of_run(record: RunRecord) -> Iterator[Cap]:
    written, given = record.plan.limits.budget, record.origin.budget
    tokens = _least(written.tokens if written else None, given.tokens if given else None)
    usd = _least(written.usd if written else None, given.usd if given else None)
    if tokens is not None or usd is not None:
        budget = Spending(tokens=None if tokens is None else int(tokens), usd=usd)
        yield _cap(record.plan, run_owner(record), "run", budget)


def _of_rule(record: RunRecord, rule: Rule, now: datetime) -> Cap:
    limit = rule.limit
    return Cap(
        owner=rule_owner(record, rule, now),
        scope="rule",
        tokens=limit.tokens if limit else None,
        usd_micro=micro(limit.usd) if limit else None,
        action=written_on_reach(record.plan),
        rule=rule.name,
        per_run=limit is None or limit.per == "run",
        since=start_of("day", now),
    )


def _of_day(record: RunRecord, day: DayLimits, now: datetime) -> Iterator[Cap]:
    if day.is_set:
        yield Cap(
            owner=f"day:{record.workspace_id}:{day_of(now)}",
            scope="day",
            tokens=day.tokens,
            usd_micro=day.usd_micro,
            action=written_on_reach(record.plan),
            per_run=False,
            since=start_of("day", now),
        )


def _cap(plan: Plan, owner: str, scope: str, budget: Spending) -> Cap:
    return Cap(
        owner=owner,
        scope="step" if scope == "step" else "run",
        tokens=budget.tokens,
        usd_micro=micro(budget.usd),
        cheaper=_written_model(plan),
        action=written_on_reach(plan),
    )


def rule_owner(record: RunRecord, rule: Rule, at: datetime) -> str:
    """Return the name of the ledger of a rule's limit."""
    if rule.limit is not None and rule.limit.per == "day":
        return f"day:{record.workspace_id}:{day_of(at)}:{rule.name}"
    return f"rule:{record.id}:{rule.name}"


def micro(usd: float | None) -> int | None:
    """Return dollars in millionths."""
    return None if usd is None else round(usd * 1_000_000)


def run_owner(record: RunRecord) -> str:
    """Return the name of the ledger of a run."""
    return f"run:{record.id}"


def step_owner(record: RunRecord, path: str) -> str:
    """Return the name of the ledger of a step."""
    return f"step:{record.id}:{path}"


def steps_around(plan: Plan, path: str) -> Iterator[str]:
    """Yield a step and those that it stands in, the innermost first."""
    end = len(path)
    while end > 0:
        owner = path[:end]
        if not owner.endswith("]") and _is_step(plan, owner):
            yield owner
        end = max(owner.rfind("["), owner.rfind("."))


def _is_step(plan: Plan, path: str) -> bool:
    try:
        plan.at(path)
    except KeyError:
        return False
    return True


def _written_model(plan: Plan) -> str | None:
    budget = plan.limits.budget
    return budget.on_reach.model if budget and isinstance(budget.on_reach, CheaperModel) else None


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)
