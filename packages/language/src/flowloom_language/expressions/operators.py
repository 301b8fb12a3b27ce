"""Arithmetic and comparison of values."""

import math
import operator as plain
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.values import equal, kind, number, settled

_JOINING: Final = 5
"""Steps of making one text of two."""

Operation: TypeAlias = Callable[[JsonValue, JsonValue, Meter], JsonValue]


def add(left: JsonValue, right: JsonValue, meter: Meter) -> JsonValue:
    """Return the sum of two numbers, or two texts or lists one after the other."""
    if isinstance(left, str) and isinstance(right, str):
        meter.text(len(left) + len(right), steps=_JOINING)
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        meter.items(len(left) + len(right), per_step=16)
        return left + right
    if type(left) is not type(right) and kind(left) != kind(right):
        raise ExpressionError(f"+ cannot add {kind(left)} and {kind(right)}. Use string(x) to make a text.")
    return settled(number(left, "+") + number(right, "+"))


def arithmetic(operator: str) -> Operation:
    """Return what computes `- * / %`."""
    compute = _ARITHMETIC[operator]

    def run(left: JsonValue, right: JsonValue, meter: Meter) -> JsonValue:
        return settled(compute(number(left, operator), number(right, operator)))

    return run


def _divisor(value: int | float) -> int | float:
    if value == 0:
        raise ExpressionError("Division by zero.")
    return value


def _divide(one: int | float, other: int | float) -> int | float:
    other = _divisor(other)
    if isinstance(one, int) and isinstance(other, int) and one % other == 0:
        return one // other
    try:
        return one / other
    except OverflowError:
        return math.inf


def _remainder(one: int | float, other: int | float) -> int | float:
    """The sign is the dividend's, as in CEL and in ECMAScript."""
    other = _divisor(other)
    if isinstance(one, int) and isinstance(other, int):
        return abs(one) % abs(other) * (-1 if one < 0 else 1)
    return math.fmod(one, other)


_ARITHMETIC: Final[dict[str, Callable[[int | float, int | float], int | float]]] = {
    "-": plain.sub,
    "*": plain.mul,
    "/": _divide,
    "%": _remainder,
}
_COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": plain.lt,
    "<=": plain.le,
    ">": plain.gt,
    ">=": plain.ge,
}


def compare(operator: str) -> Operation:
    """Return what compares `< <= > >=` two numbers or two texts (by code points)."""
    holds = _COMPARISONS[operator]

    def run(left: JsonValue, right: JsonValue, meter: Meter) -> JsonValue:
        if isinstance(left, str) and isinstance(right, str):
            meter.text(min(len(left), len(right)))
            return holds((left > right) - (left < right), 0)
        if isinstance(left, str) or kind(left) != kind(right):
            raise ExpressionError(f"{operator} cannot compare {kind(left)} with {kind(right)}.")
        one, other = number(left, operator), number(right, operator)
        return holds((one > other) - (one < other), 0)

    return run


def is_in(left: JsonValue, right: JsonValue, meter: Meter) -> bool:
    """Whether a list holds an equal item, or a map the key."""
    if isinstance(right, list):
        meter.items(len(right), per_step=16)
        return any(equal(left, item, meter) for item in right)
    if isinstance(right, dict):
        meter.spend(1)
        return isinstance(left, str) and left in right
    remedy = " Use contains to look into a text." if isinstance(right, str) else ""
    raise ExpressionError(f"in needs a list or map on its right, not {kind(right)}.{remedy}")


def rounded(value: int | float, digits: int) -> int | float:
    """Return a number rounded by its decimal text, half away from zero."""
    if isinstance(value, int):
        return value
    return settled(float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)))
