"""Which budgets of a workspace the calls of a run count against, and the names of their ledgers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, get_args

from flowloom_contracts.budgets import BudgetPeriod, BudgetScope, WorkspaceBudget
from flowloom_contracts.document_parts import CheaperModel
from orchestrator.domain.budgets import Cap
from orchestrator.domain.periods import name_of, start_of
from orchestrator.domain.records import RunRecord

PERIODS: Final[tuple[BudgetPeriod, ...]] = get_args(BudgetPeriod)


def caps_of_workspace(
    record: RunRecord, budgets: Sequence[WorkspaceBudget], *, now: datetime
) -> Iterator[Cap]:
    """Yield the budgets that count what a run uses now."""
    targets = _targets(record)
    for budget in budgets:
        if budget.scope in targets and targets[budget.scope] == budget.target:
            yield cap_of(record.workspace_id, budget, now=now)


def cap_of(workspace_id: str, budget: WorkspaceBudget, *, now: datetime) -> Cap:
    """Return a budget as calls are judged by it in the present period."""
    on_reach = budget.on_reach
    cheaper = on_reach.model if isinstance(on_reach, CheaperModel) else None
    return Cap(
        owner=_owner(workspace_id, budget.scope, budget.target, name_of(budget.period, now)),
        scope=budget.scope,
        tokens=budget.tokens,
        usd_micro=budget.usd_micro,
        cheaper=cheaper,
        action="ask" if isinstance(on_reach, CheaperModel) else on_reach,
        per_run=False,
        since=start_of(budget.period, now),
        target=budget.target,
    )


def owners_of_workspace(record: RunRecord, *, at: datetime) -> Iterator[str]:
    """Yield the names of all ledgers of the workspace that may count what a run uses."""
    for scope, target in _targets(record).items():
        for period in PERIODS:
            yield _owner(record.workspace_id, scope, target, name_of(period, at))


def _targets(record: RunRecord) -> dict[BudgetScope, str | None]:
    actor = record.origin.actor
    found: dict[BudgetScope, str | None] = {"workspace": None, "workflow": record.workflow.id}
    if actor is not None and actor.user_id is not None:
        found["member"] = actor.user_id
    if actor is not None and actor.key_id is not None:
        found["api_key"] = actor.key_id
    return found


def _owner(workspace_id: str, scope: BudgetScope, target: str | None, period: str) -> str:
    return f"budget:{workspace_id}:{scope}:{target or ''}:{period}"
