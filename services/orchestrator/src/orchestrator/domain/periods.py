"""Days and months in which budgets count; both are those of UTC."""

from datetime import UTC, datetime, timedelta

from flowloom_contracts.budgets import BudgetPeriod

_LONGEST_MONTH_DAYS = 31


def day_of(at: datetime) -> str:
    """Return the name of a day."""
    return at.astimezone(UTC).date().isoformat()


def name_of(period: BudgetPeriod, at: datetime) -> str:
    """Return the name of the period that a moment lies in."""
    return day_of(at) if period == "day" else day_of(at)[: len("2026-01")]


def start_of(period: BudgetPeriod, at: datetime) -> datetime:
    """Return when the period began that a moment lies in."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if period == "day" else day.replace(day=1)


def end_of(period: BudgetPeriod, at: datetime) -> datetime:
    """Return when the period ends, and what was used counts from nothing again."""
    start = start_of(period, at)
    if period == "day":
        return start + timedelta(days=1)
    return (start + timedelta(days=_LONGEST_MONTH_DAYS)).replace(day=1)
