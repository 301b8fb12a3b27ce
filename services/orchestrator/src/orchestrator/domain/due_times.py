"""Which due times of a schedule start a run, and which were missed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.automation import Schedule
from flowloom_language.schedules import due_between, next_due

ON_TIME: Final = timedelta(seconds=60)
"""A due time that is at most this late is not missed, whatever the reason for the delay."""

MOST_MADE_UP: Final = 100
"""Missed times that `run_all` makes up for in one turn; the rest follows in the next."""


@dataclass(frozen=True)
class DueTimes:
    """The times that start a run, in order, and when the schedule is looked at next."""

    fire: tuple[datetime, ...]
    next_at: datetime


def due_times(schedule: Schedule, *, now: datetime) -> DueTimes:
    """Return what a schedule, whose `next_at` has come, does now.

    `skip`: only a time that is not missed. `run_once`: one run, for the newest time. `run_all`: a run for
    each. Raises BadScheduleError.
    """
    first = schedule.next_at
    if first is None or first > now:
        return DueTimes((), first or next_due(schedule.cron, schedule.zone, now))
    if schedule.misfire == "run_all":
        made_up = [first, *due_between(schedule.cron, schedule.zone, first, now, limit=MOST_MADE_UP - 1)]
        return DueTimes(tuple(made_up), next_due(schedule.cron, schedule.zone, made_up[-1]))
    newest = _newest(schedule, first, now)
    next_at = next_due(schedule.cron, schedule.zone, now)
    is_missed = now - newest > ON_TIME
    return DueTimes(() if schedule.misfire == "skip" and is_missed else (newest,), next_at)


def _newest(schedule: Schedule, first: datetime, now: datetime) -> datetime:
    """Return the newest due time up to now; a span is tried before all times of a long absence are walked."""
    for span in (timedelta(minutes=2), timedelta(hours=2), timedelta(days=2), timedelta(days=70)):
        if now - span <= first:
            break
        found = due_between(schedule.cron, schedule.zone, now - span, now, limit=10_000)
        if found:
            return found[-1]
    return [first, *due_between(schedule.cron, schedule.zone, first, now, limit=10_000)][-1]
