"""What the values of the language are: their kinds, equality, numbers, and how they print."""

import math
from itertools import chain, compress, count
from json.encoder import encode_basestring
from operator import ne
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.limits import MAX_INTEGER, MAX_VALUE_DEPTH
from flowloom_language.expressions.meter import Meter

_EXPONENT_FROM: Final = 21
"""Numbers print as ECMAScript prints them, so that every reader of a text sees the same."""
_SHORT: Final = 200
"""Characters of a text that cost no more than the value they are in."""
_WHOLE_NUMBERS: Final = {int}
_ARE_COMPARED_AT_ONCE: Final = {int, str}
"""Types whose values Python compares as the language does: no boolean among them, nothing that has parts."""
_WRITTEN_PER_STEP: Final = 50
"""Characters of a text that are written as JSON in one step."""


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
    if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return value  # the common case first
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError(f"{purpose} needs a number, not {kind(value)}.")
    return settled(value)


def settled(value: int | float) -> int | float:
    """Return a number in its one form: whole doubles are integers, nothing is infinite."""
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
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
    meter.left -= 1
    if meter.left < 0:
        meter.refuse()
    _check_depth(depth)
    if type(left) is type(right) and isinstance(left, str | int):
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return len(left) == len(right) and all(
            key in right and equal(value, right[key], meter, depth + 1) for key, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and _equal_items(left, right, meter, depth)
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return False
    return left == right


def _equal_items(left: list[JsonValue], right: list[JsonValue], meter: Meter, depth: int) -> bool:
    """Plain lists are compared at once, for as many steps: one for each item up to the first difference."""
    if _ARE_COMPARED_AT_ONCE.issuperset(map(type, chain(left, right))):
        different = next(compress(count(), map(ne, left, right)), None)
        meter.spend(len(left) if different is None else different + 1)
        return different is None
    return all(equal(one, other, meter, depth + 1) for one, other in zip(left, right, strict=True))


def printed(value: JsonValue, meter: Meter) -> str:
    """Return a value as it appears inside a longer text: texts as they are, else compact JSON."""
    if isinstance(value, str):
        found = value
    elif isinstance(value, list | dict):
        found = compact(value, meter)
    else:
        found = _plain(value, meter)
    meter.text(len(found))
    return found


def compact(value: JsonValue, meter: Meter, *, in_order: bool = False) -> str:
    """Return a value as compact JSON, the same in every implementation.

    `in_order`: with the keys of maps in the order of their code points.
    """
    parts = list[str]()
    _write(value, parts, meter, depth=0, in_order=in_order)
    return "".join(parts)


def _write(value: JsonValue, parts: list[str], meter: Meter, *, depth: int, in_order: bool) -> None:
    """One loop for lists and one for maps write what has no parts themselves: most values are such."""
    _check_depth(depth)
    if isinstance(value, list):
        meter.items(len(value))
        if set(map(type, value)) == _WHOLE_NUMBERS and _are_in_range(value):
            parts.append(f"[{','.join(map(str, value))}]")
            return
        comma = "["
        for item in value:
            parts.append(comma)
            comma = ","
            if isinstance(item, list | dict):
                _write(item, parts, meter, depth=depth + 1, in_order=in_order)
            else:
                parts.append(_plain(item, meter))
        parts.append("]" if value else "[]")
    elif isinstance(value, dict):
        meter.items(len(value))
        comma = "{"
        for key in sorted(value) if in_order else value:
            item = value[key]
            parts.append(comma + _plain(key, meter) + ":")
            comma = ","
            if isinstance(item, list | dict):
                _write(item, parts, meter, depth=depth + 1, in_order=in_order)
            else:
                parts.append(_plain(item, meter))
        parts.append("}" if value else "{}")
    else:
        meter.spend(1)
        parts.append(_plain(value, meter))


def _are_in_range(whole_numbers: list[JsonValue]) -> bool:
    return min(whole_numbers) >= -MAX_INTEGER and max(whole_numbers) <= MAX_INTEGER  # type: ignore[type-var,operator]  # the caller has looked at the types


def _plain(value: JsonValue, meter: Meter) -> str:
    if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return str(value)  # the common cases first
    if type(value) is str:
        if len(value) > _SHORT:
            meter.text(len(value), per_step=_WRITTEN_PER_STEP)
        else:
            meter.read(len(value))
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_number(value) if isinstance(value, int | float) else str(value)


def check_size(value: JsonValue, most: int) -> None:
    """Raise ExpressionError if a value is longer than so many characters; a value without parts counts four.

    What appears in several places is looked at once, and nothing is written.
    """
    length = _length(value, Meter(), {}, 0)
    if length > most:
        raise ExpressionError(f"The result has {length} characters, more than {most}.")


def _length(value: JsonValue, meter: Meter, known: dict[int, int], depth: int) -> int:
    if isinstance(value, str):
        return len(value) + 2
    if not isinstance(value, list | dict):
        return 4
    meter.left -= 1 + len(value) // 8
    if meter.left < 0 or depth > MAX_VALUE_DEPTH:
        meter.spend(0)
        _check_depth(depth)
    found = 2 + len(value) * 4
    if isinstance(value, dict):
        found += sum(map(len, value))
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, str):
            found += len(item)
        elif isinstance(item, list | dict):
            identity = id(item)
            length = known.get(identity)
            if length is None:
                length = known[identity] = _length(item, meter, known, depth + 1)
            found += length
    return found


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
