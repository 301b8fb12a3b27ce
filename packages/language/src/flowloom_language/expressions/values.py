"""What the values of the language are: their kinds, equality, numbers, and how they print."""

import json
import math
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.limits import MAX_INTEGER, MAX_VALUE_DEPTH
from flowloom_language.expressions.meter import Meter

_EXPONENT_FROM: Final = 21
"""Numbers print as ECMAScript prints them, so that every reader of a text sees the same."""


def kind(value: JsonValue) -> str:
    """Return what a value is, in words for people."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "a map"


def number(value: JsonValue, purpose: str) -> int | float:
    """Return a value that must be a number the language can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError(f"{purpose} needs a number, not {kind(value)}.")
    return settled(value)


def settled(value: int | float) -> int | float:
    """Return a number in its one form: whole doubles are integers, nothing is infinite."""
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ExpressionError(f"The integer {shown(value)} is beyond ±{MAX_INTEGER}.")
        return value
    if not math.isfinite(value):
        raise ExpressionError("The result is not a finite number.")
    return int(value) if value.is_integer() and abs(value) <= MAX_INTEGER else value


def integer(value: JsonValue, purpose: str) -> int:
    """Return a value that must be a whole number."""
    found = number(value, purpose)
    if isinstance(found, float):
        raise ExpressionError(f"{purpose} needs a whole number, not {format_number(found)}.")
    return found


def text(value: JsonValue, purpose: str, meter: Meter) -> str:
    """Return a value that must be a text."""
    if not isinstance(value, str):
        raise ExpressionError(f"{purpose} needs a text, not {kind(value)}.")
    meter.text(len(value))
    return value


def items(value: JsonValue, purpose: str, meter: Meter) -> list[JsonValue]:
    """Return a value that must be a list."""
    if not isinstance(value, list):
        raise ExpressionError(f"{purpose} needs a list, not {kind(value)}.")
    meter.items(len(value))
    return value


def mapping(value: JsonValue, purpose: str, meter: Meter) -> JsonObject:
    """Return a value that must be a map."""
    if not isinstance(value, dict):
        raise ExpressionError(f"{purpose} needs a map, not {kind(value)}.")
    meter.items(len(value))
    return value


def equal(left: JsonValue, right: JsonValue, meter: Meter, depth: int = 0) -> bool:
    """Whether two values are deeply equal; `1` equals `1.0`, nothing equals a value of another kind."""
    meter.spend(1)
    _check_depth(depth)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return len(left) == len(right) and all(
            key in right and equal(value, right[key], meter, depth + 1) for key, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            equal(one, other, meter, depth + 1) for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return False
    return left == right


def printed(value: JsonValue, meter: Meter) -> str:
    """Return a value as it appears inside a longer text: texts as they are, else compact JSON."""
    found = value if isinstance(value, str) else compact(value, meter)
    meter.text(len(found))
    return found


def compact(value: JsonValue, meter: Meter) -> str:
    """Return a value as compact JSON, the same in every implementation."""
    parts = list[str]()
    _write(value, parts, meter, 0)
    return "".join(parts)


def _write(value: JsonValue, parts: list[str], meter: Meter, depth: int) -> None:
    meter.spend(1)
    _check_depth(depth)
    match value:
        case None:
            parts.append("null")
        case bool():
            parts.append("true" if value else "false")
        case int() | float():
            parts.append(format_number(value))
        case str():
            meter.text(len(value))
            parts.append(json.dumps(value, ensure_ascii=False))
        case list():
            _write_list(value, parts, meter, depth)
        case dict():
            _write_map(value, parts, meter, depth)


def _write_list(value: list[JsonValue], parts: list[str], meter: Meter, depth: int) -> None:
    for position, item in enumerate(value):
        parts.append("," if position else "[")
        _write(item, parts, meter, depth + 1)
    parts.append("]" if value else "[]")


def _write_map(value: JsonObject, parts: list[str], meter: Meter, depth: int) -> None:
    for position, (key, item) in enumerate(value.items()):
        parts.append("," if position else "{")
        _write(key, parts, meter, depth + 1)
        parts.append(":")
        _write(item, parts, meter, depth + 1)
    parts.append("}" if value else "{}")


def sorted_keys(value: JsonValue, depth: int = 0) -> JsonValue:
    """Return the value with the keys of its maps in the order of their code points."""
    _check_depth(depth)
    if isinstance(value, list):
        return [sorted_keys(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: sorted_keys(value[key], depth + 1) for key in sorted(value)}
    return value


def format_number(value: int | float) -> str:
    """Return a number's text; a double without a fraction prints as an integer."""
    if isinstance(value, int):
        return shown(value)
    if not math.isfinite(value):
        raise ExpressionError("The number is not finite.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return sign + _place_point(digits.rstrip("0"), point)


def _place_point(digits: str, point: int) -> str:
    if len(digits) <= point <= _EXPONENT_FROM:
        return digits + "0" * (point - len(digits))
    if 0 < point <= _EXPONENT_FROM:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def shown(value: int) -> str:
    """Return an integer's text, shortened when nobody would read all of it."""
    return str(value) if value.bit_length() < 4_000 else f"of {value.bit_length()} bits"


def _check_depth(depth: int) -> None:
    if depth > MAX_VALUE_DEPTH:
        raise ExpressionError(f"The value is nested deeper than {MAX_VALUE_DEPTH} levels.")
