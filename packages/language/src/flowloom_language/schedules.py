"""Times of a calendar: five fields of cron in a time zone, with cron's own rules where clocks are changed."""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_FIELDS: Final = ("minute", "hour", "day of month", "month", "day of week")
_FIELD: Final = re.compile(r"[0-9A-Za-z*,/#-]{1,60}\Z", re.ASCII)
_NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory", "posix", "right"})
"""Files of the time zone database that name no zone, or mean another one on each machine."""
_ANCHOR: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""Where a check looks from: nothing here reads the clock."""


class BadScheduleError(ValueError):
    """The schedule or its zone cannot be used; the text is for people."""


def check_schedule(schedule: str) -> None:
    """Raise BadScheduleError unless it is five fields of cron that come true at some time."""
    fields = schedule.split()
    if schedule.startswith("@"):
        raise BadScheduleError("Write the five fields of cron, such as 0 7 * * MON, instead of a nickname.")
    if len(fields) != len(_FIELDS):
        raise BadScheduleError(f"A schedule has five fields ({', '.join(_FIELDS)}), not {len(fields)}.")
    for name, field in zip(_FIELDS, fields, strict=True):
        if not _FIELD.match(field):
            raise BadScheduleError(f"{field[:30]!r} is no {name}.")
    next_due(schedule, "UTC", _ANCHOR)


def check_zone(zone: str) -> None:
    """Raise BadScheduleError unless the time zone is known."""
    _zone(zone)


def next_due(schedule: str, zone: str, after: datetime) -> datetime:
    """Return the first time after `after` at which a schedule is due, in UTC; raises BadScheduleError.

    A time that a change of clocks skips is due right after the change; one that comes twice is due once.
    """
    try:
        found = next(CronSim(schedule, after.astimezone(_zone(zone))))
    except StopIteration as error:
        raise BadScheduleError(f"{schedule!r} never comes true.") from error
    except (CronSimError, AssertionError, ValueError) as error:
        raise BadScheduleError(
            f"{schedule!r} is not a schedule: {str(error).lower() or 'unreadable'}."
        ) from error
    return found.astimezone(UTC)


def due_between(schedule: str, zone: str, after: datetime, until: datetime, *, limit: int) -> list[datetime]:
    """Return the first `limit` times after `after` up to and with `until`."""
    found = list[datetime]()
    due = next_due(schedule, zone, after)
    while due <= until and len(found) < limit:
        found.append(due)
        due = next_due(schedule, zone, due)
    return found


def _zone(zone: str) -> ZoneInfo:
    try:
        if zone.split("/")[0] in _NO_ZONES:
            raise ValueError(zone)
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadScheduleError(f"{zone[:60]!r} is no time zone; write one such as Europe/Berlin.") from error
