"""Months of `run_events`: a partition holds the runs whose UUIDv7 was made in that month."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_NAME: Final = re.compile(r"run_events_(\d{4})_(\d{2})")


@dataclass(frozen=True)
class Partition:
    """One month: its table and the bounds of the run ids in it, the upper one excluded."""

    table: str
    lower: str
    upper: str


def partitions_around(now: datetime, *, ahead: int = 2) -> Sequence[Partition]:
    """Return the partitions of this month, the one before and `ahead` months after it."""
    month = now.year * 12 + now.month - 1
    return [_partition(index) for index in range(month - 1, month + ahead + 1)]


def partitions_before(moment: datetime, names: Iterable[str]) -> Sequence[str]:
    """Return those of some tables that hold a month which ended before a moment, the oldest first."""
    last = f"run_events_{moment.year:04d}_{moment.month:02d}"
    return sorted(name for name in names if _NAME.fullmatch(name) and name < last)


def partition_of(table: str) -> Partition:
    """Return the month that a table holds; raises ValueError for another table."""
    match = _NAME.fullmatch(table)
    if match is None:
        raise ValueError(f"{table!r} holds no month of events")
    return _partition(int(match[1]) * 12 + int(match[2]) - 1)


def _partition(index: int) -> Partition:
    year, month = divmod(index, 12)
    return Partition(
        table=f"run_events_{year:04d}_{month + 1:02d}", lower=_first_id(index), upper=_first_id(index + 1)
    )


def _first_id(index: int) -> str:
    """Return the smallest UUID of a month; the first 48 bits of a UUIDv7 are its milliseconds."""
    year, month = divmod(index, 12)
    milliseconds = int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp() * 1000)
    text = f"{milliseconds:012x}"
    return f"{text[:8]}-{text[8:]}-0000-0000-000000000000"
