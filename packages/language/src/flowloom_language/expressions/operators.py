"""Arithmetic and comparison of values."""

import math
from decimal import ROUND_HALF_UP, Decimal

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.values import equal, kind, number, settled


def add(left: JsonValue, right: JsonValue, meter: Meter) -> JsonValue:
    """Return the sum of two numbers, or two texts or lists one after the other."""
    if isinstance(left, str) and isinstance(right, str):
        meter.text(len(left) + len(right))
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        meter.items(len(left) + len(right))
        return left + right
    if kind(left) != kind(right):
        raise ExpressionError(f"+ cannot add {kind(left)} and {kind(right)}. Use string(x) to make a text.")
    return settled(number(left, "+") + number(right, "+"))


def arithmetic(operator: str, left: JsonValue, right: JsonValue) -> JsonValue:
    """Return the result of `- * / %`."""
    one, other = number(left, operator), number(right, operator)
    match operator:
        case "-":
            return settled(one - other)
        case "*":
            return settled(one * other)
        case "/":
            return settled(_divide(one, _divisor(other)))
    return settled(_remainder(one, _divisor(other)))


def _divisor(value: int | float) -> int | float:
    if value == 0:
        raise ExpressionError("Division by zero.")
    return value


def _divide(one: int | float, other: int | float) -> int | float:
    if isinstance(one, int) and isinstance(other, int) and one % other == 0:
        return one // other
    try:
        return one / other
    except OverflowError:
        return math.inf


def _remainder(one: int | float, other: int | float) -> int | float:
    """The sign is the dividend's, as in CEL and in ECMAScript."""
    if isinstance(one, int) and isinstance(other, int):
        return abs(one) % abs(other) * (-1 if one < 0 else 1)
    return math.fmod(one, other)


def compare(operator: str, left: JsonValue, right: JsonValue, meter: Meter) -> bool:
    """Return the result of `< <= > >=` between two numbers or two texts (by code points)."""
    if isinstance(left, str) and isinstance(right, str):
        meter.text(min(len(left), len(right)))
        return _ordered(operator, (left > right) - (left < right))
    if kind(left) != kind(right) or isinstance(left, str):
        raise ExpressionError(f"{operator} cannot compare {kind(left)} with {kind(right)}.")
    one, other = number(left, operator), number(right, operator)
    return _ordered(operator, (one > other) - (one < other))


def _ordered(operator: str, order: int) -> bool:
    match operator:
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
    return order >= 0


def is_in(left: JsonValue, right: JsonValue, meter: Meter) -> bool:
    """Whether a list holds an equal item, or a map the key."""
    if isinstance(right, list):
        meter.items(len(right))
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
