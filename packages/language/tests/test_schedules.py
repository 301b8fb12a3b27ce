"""Times of a calendar, also where clocks are changed."""

from datetime import UTC, datetime

import pytest

from flowloom_language.schedules import BadScheduleError, check_schedule, check_zone, due_between, next_due


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        ("0 7 * * MON", "Europe/Berlin", "2026-11-22T00:00", "2026-11-23T06:00"),
        ("0 7 * * MON", "UTC", "2026-11-23T07:00", "2026-11-30T07:00"),
        ("*/15 9-17 * * 1-5", "America/New_York", "2026-11-20T22:45", "2026-11-23T14:00"),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", "2028-02-29T00:00"),
        ("0 0 L * *", "UTC", "2026-02-03T00:00", "2026-02-28T00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("0 12 * * *", "Asia/Kathmandu", "2026-01-01T00:00", "2026-01-01T06:15"),
    ],
)
def test_the_next_time_is_in_the_zone_of_the_schedule(schedule: str, zone: str, after: str, due: str) -> None:
    found = next_due(schedule, zone, datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_an_hour_that_comes_twice_is_due_once() -> None:
    after, until = datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC)
    found = due_between("30 2 * * *", "Europe/Berlin", after, until, limit=9)
    assert [one.isoformat() for one in found] == ["2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"]


def test_only_so_many_times_are_counted() -> None:
    after, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert len(due_between("* * * * *", "UTC", after, until, limit=5)) == 5


@pytest.mark.parametrize(
    "schedule",
    [
        "", "@daily", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *", "5-1 * * * *", "a b c d e", "0 0 30 2 *", "0 0 31 4,6 *", "0 0 * * 1#2/2",
        "1;2 * * * *",
        "9" * 60 + " * * * *", "\u0661 * * * *",
    ],
)  # fmt: skip
def test_refuses_what_is_no_schedule(schedule: str) -> None:
    with pytest.raises(BadScheduleError) as raised:
        check_schedule(schedule)
    assert len(str(raised.value)) > 10


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "localtime", "\0", "CESTX"]
)
def test_refuses_what_is_no_zone(zone: str) -> None:
    with pytest.raises(BadScheduleError):
        check_zone(zone)
