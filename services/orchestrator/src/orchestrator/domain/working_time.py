"""Budgets in seconds: how long steps have worked, and how long they may go on."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from flowloom_contracts.runs import StepError
from flowloom_language.tasks import step_budget
from orchestrator.domain.caps import run_owner, step_owner, steps_around
from orchestrator.domain.records import Execution, RunRecord

_NEARLY_S = 0.05
"""A deadline is kept a little early or late by whoever watches it."""


def owners_of_time(record: RunRecord, path: str) -> tuple[str, ...]:
    """Return the budgets that limit how long a step works, whatever their limits are."""
    written, given = record.plan.limits.budget, record.origin.budget
    of_run = [written.seconds if written else None, given.seconds if given else None]
    steps = [
        step_owner(record, owner)
        for owner in steps_around(record.plan, path)
        if (budget := record.plan.at(owner).step.budget) is not None and budget.seconds is not None
    ]
    return (*steps, run_owner(record)) if any(of_run) else tuple(steps)


def elapsed_ms(execution: Execution, at: datetime) -> int:
    """Return how long an execution has worked; it counts from when its worker took the step."""
    if execution.worker is None or execution.queued_at is None:
        return 0
    return max(int((at - execution.queued_at).total_seconds() * 1000), 0)


def seconds_left(record: RunRecord, path: str, *, plus_ms: int = 0) -> float | None:
    """Return how long a step may still work, None for as long as it takes. Raises ExpressionError."""
    left = [
        limit - (_worked(record.worked, owner) + plus_ms) / 1000 for owner, limit in _limits(record, path)
    ]
    return min(left, default=None)


def overtime(record: RunRecord, path: str) -> tuple[str, ...]:
    """Return the budgets whose time is used up. Raises ExpressionError."""
    return tuple(
        owner
        for owner, limit in _limits(record, path)
        if limit - _worked(record.worked, owner) / 1000 <= _NEARLY_S
    )


def is_used_up(left: float | None) -> bool:
    """Whether nothing worth mentioning is left."""
    return left is not None and left <= _NEARLY_S


def out_of_time(record: RunRecord, path: str) -> StepError:
    """Return the error of a step that has no time left."""
    limits = ", ".join(f"{limit:g} s" for _, limit in _limits(record, path))
    return StepError(
        code="budget", message=f"The time that the step and its run may work is used up ({limits})."
    )


def _limits(record: RunRecord, path: str) -> Iterator[tuple[str, float]]:
    for owner in steps_around(record.plan, path):
        written = record.plan.at(owner).step.budget
        if written is not None and written.seconds is not None:
            budget = step_budget(record.plan, record.state, owner, values=record.values)
            if budget is not None and budget.seconds is not None:
                yield step_owner(record, owner), budget.seconds
    of_document, given = record.plan.limits.budget, record.origin.budget
    limits = [of_document.seconds if of_document else None, given.seconds if given else None]
    known = [limit for limit in limits if limit is not None]
    if known:
        yield run_owner(record), min(known)


def _worked(worked: Mapping[str, int], owner: str) -> int:
    return worked.get(owner, 0)
