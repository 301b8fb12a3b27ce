"""Columns of one type, made of cells that came as text, JSON or a sheet's values."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from agent_analysis.worker.refusals import RefusedError

MOST_COLUMNS: Final = 500
MOST_ROWS: Final = 300_000
MOST_CELLS: Final = 3_000_000
MOST_NAME_CHARS: Final = 80

Cell = str | int | float | bool | date | datetime | None
_WHOLE: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_NUMBER: Final = re.compile(r"[+-]?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")


@dataclass(frozen=True)
class Column:
    """Values of one type, named as SQL names it."""

    name: str
    type: str
    values: list[Cell]


@dataclass(frozen=True)
class Table:
    """Columns of the same length."""

    columns: tuple[Column, ...]


def table_of(names: Sequence[object], rows: Iterable[Sequence[Cell]]) -> Table:
    """Return a table; raises `RefusedError` where it is too wide or too long."""
    ensure_narrow(len(names))
    columns: list[list[Cell]] = [[] for _ in names]
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS or number * len(names) > MOST_CELLS:
            raise RefusedError(f"the table has more than {number - 1:,} rows: give a part of it")
        for at, values in enumerate(columns):
            values.append(row[at] if at < len(row) else None)
    return Table(tuple(_typed(name, values) for name, values in zip(_named(names), columns, strict=True)))


def ensure_narrow(columns: int) -> None:
    """Refuse a table of too many columns before its cells are kept."""
    if columns > MOST_COLUMNS:
        raise RefusedError(f"the table has more than {MOST_COLUMNS:,} columns: give a part of them")
    if not columns:
        raise RefusedError("the table has no column: its first row has to name them")


def _named(names: Sequence[object]) -> list[str]:
    """Return names of columns: printable, not empty, each only once."""
    taken: dict[str, int] = {}
    result = []
    for number, name in enumerate(names, start=1):
        text = "".join(char for char in str(name or "") if unicodedata.category(char)[0] != "C")
        plain = " ".join(text.split())[:MOST_NAME_CHARS] or f"column_{number}"
        known = taken[plain.lower()] = taken.get(plain.lower(), 0) + 1
        unique = plain if known == 1 else f"{plain}_{known}"
        while known > 1 and unique.lower() in taken:
            known += 1
            unique = f"{plain}_{known}"
        taken.setdefault(unique.lower(), 1)
        result.append(unique)
    return result


def _typed(name: str, values: list[Cell]) -> Column:
    """Give a column the narrowest type that all its cells have; a cell is never taken for a formula."""
    present = [value for value in values if value is not None and value != ""]
    for kind, fits, read in _KINDS:
        if present and all(fits(value) for value in present):
            typed = [None if value is None or value == "" else read(value) for value in values]
            return Column(name, kind, typed)
    return Column(name, "VARCHAR", [None if value is None else _text(value) for value in values])


def _is_whole(value: Cell) -> bool:
    if isinstance(value, str):
        return _WHOLE.fullmatch(value.strip()) is not None
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _is_number(value: Cell) -> bool:
    if isinstance(value, str):
        plain = value.strip()
        return bool(re.search("[0-9]", plain)) and _NUMBER.fullmatch(plain) is not None
    if isinstance(value, float):
        return math.isfinite(value)
    return _is_whole(value)


def _is_truth(value: Cell) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in ("true", "false"))


def _is_day(value: Cell) -> bool:
    if isinstance(value, str):
        return _DATE.fullmatch(value) is not None and _can(date.fromisoformat, value)
    return isinstance(value, date) and (not isinstance(value, datetime) or value.time() == time.min)


def _is_moment(value: Cell) -> bool:
    if isinstance(value, str):
        matched = _MOMENT.fullmatch(value) or _DATE.fullmatch(value)
        return matched is not None and _can(datetime.fromisoformat, value)
    return isinstance(value, date)


def _can(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _day(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _moment(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.fromisoformat(value.isoformat() if isinstance(value, date) else str(value))


def _text(value: Cell) -> str:
    return value if isinstance(value, str) else str(value)


_KINDS: Final[tuple[tuple[str, Callable[[Cell], bool], Callable[[Cell], Cell]], ...]] = (
    (
        "BOOLEAN",
        _is_truth,
        lambda value: value if isinstance(value, bool) else str(value).strip().lower() == "true",
    ),
    ("BIGINT", _is_whole, lambda value: int(str(value))),
    ("DOUBLE", _is_number, lambda value: float(str(value))),
    ("DATE", _is_day, _day),
    ("TIMESTAMP", _is_moment, _moment),
)
