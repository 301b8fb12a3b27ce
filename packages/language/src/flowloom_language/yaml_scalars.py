"""Which value a plain YAML scalar has: the 1.2 core schema, in numbers that JSON readers agree on."""

import re
from typing import Final

from flowloom_language.expressions.limits import MAX_INTEGER

_CONSTANTS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST: Final = 400
"""Characters of a number; Python refuses to read very long integers."""


class UnreadableNumberError(ValueError):
    """The number cannot be kept exactly, or is none."""


def resolve_plain(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar; raises UnreadableNumberError."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _NOT_FINITE.fullmatch(text):
        raise UnreadableNumberError(f"{text} is not a finite number.")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    return _float(text) if _FLOAT.fullmatch(text) else text


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    value = int(text, base) if len(text) < _LONGEST else MAX_INTEGER + 1
    if abs(value) > MAX_INTEGER:
        raise UnreadableNumberError(f"{text[:40]} is beyond ±{MAX_INTEGER}, the greatest integer.")
    return value


def _float(text: str) -> float:
    value = float(text) if len(text) < _LONGEST else float("inf")
    if value in (float("inf"), float("-inf")):
        raise UnreadableNumberError(f"{text[:40]} is too great a number.")
    return value
