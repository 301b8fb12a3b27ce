"""Durations as people write them: `500ms`, `10s`, `5m`, `2h`, `3d`, or ISO 8601."""

import re
from typing import Final

MAX_DURATION_SECONDS: Final = 366 * 86_400
"""A year: longer waits belong to a schedule."""

_SIMPLE: Final = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)", re.ASCII)
_ISO: Final = re.compile(
    r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def parse_duration(text: str) -> float:
    """Return the seconds a duration lasts; raises ValueError with a text for people."""
    seconds = _parse(text)
    if seconds is None:
        raise ValueError(f"{text!r} is not a duration. Write it like 500ms, 10s, 5m, 2h or 3d.")
    if seconds > MAX_DURATION_SECONDS:
        raise ValueError(f"{text!r} is longer than 366 days.")
    return seconds


def _parse(text: str) -> float | None:
    simple = _SIMPLE.fullmatch(text)
    if simple:
        return float(simple[1]) * _SECONDS[simple[2]]
    iso = _ISO.fullmatch(text)
    if iso is None or not any(iso.groups()) or text.endswith("T"):
        return None
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in iso.groups())
    return weeks * 604_800 + days * 86_400 + hours * 3600 + minutes * 60 + seconds
