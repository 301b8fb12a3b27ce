"""The functions that work on lists and maps."""

from collections.abc import Hashable
from typing import Final

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.operators import add, rounded
from flowloom_language.expressions.signatures import Arguments, Function
from flowloom_language.expressions.values import compact, integer, items, kind, mapping, number


def merge(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the entries of both maps; the second wins."""
    merged = {**mapping(arguments[0], "merge", meter), **mapping(arguments[1], "merge", meter)}
    meter.items(len(merged))
    return merged


def keys(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the keys of a map in its order."""
    return list(mapping(arguments[0], "keys", meter))


def values(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the values of a map in its order."""
    return list(mapping(arguments[0], "values", meter).values())


def range_of(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the whole numbers from 0 to n-1."""
    count = integer(arguments[0], "range")
    if count < 0:
        raise ExpressionError(f"range needs a number that is not negative, not {count}.")
    meter.items(count, per_step=3)
    return list(range(count))


def sort(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return a list of only numbers or only texts in ascending order."""
    found = items(arguments[0], "sort", meter)
    meter.spend(len(found) // 2)
    if all(isinstance(item, str) for item in found):
        return sorted(found, key=str)
    return [*sorted(number(item, "sort of a list that is not all text") for item in found)]


def unique(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the list without items that came before."""
    seen = set[Hashable]()
    kept = list[JsonValue]()
    for item in items(arguments[0], "unique", meter):
        key = _identity(item, meter)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _identity(item: JsonValue, meter: Meter) -> Hashable:
    """Equal values have the same; a text is never the same as the writing of something else."""
    if isinstance(item, str):
        meter.read(len(item))
        return item
    if isinstance(item, bool) or item is None:
        return ("constant", item)
    return item if isinstance(item, int | float) else ("parts", compact(item, meter, in_order=True))


def flatten(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return one list in which the items that are lists have become their items (one level)."""
    flat = list[JsonValue]()
    for item in items(arguments[0], "flatten", meter):
        flat.extend(item if isinstance(item, list) else [item])
        meter.items(len(item) if isinstance(item, list) else 1)
    meter.items(len(flat))
    return flat


def slice_of(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the items (or characters) from `from` up to but not `to`; negative counts from the end."""
    subject = arguments[0]
    if not isinstance(subject, list | str):
        raise ExpressionError(f"slice needs a list or text, not {kind(subject)}.")
    meter.spend(1 + len(subject) // 100)
    start, stop = integer(arguments[1], "slice"), integer(arguments[2], "slice")
    return subject[start:stop]


def sum_of(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the sum of a list of numbers, 0 for an empty list."""
    total: JsonValue = 0
    for item in items(arguments[0], "sum", meter):
        total = add(total, number(item, "sum"), meter)
    return total


def min_of(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the least number of a list."""
    return min(_numbers(arguments, "min", meter))


def max_of(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the greatest number of a list."""
    return max(_numbers(arguments, "max", meter))


def _numbers(arguments: Arguments, name: str, meter: Meter) -> list[int | float]:
    found = [number(item, name) for item in items(arguments[0], name, meter)]
    if not found:
        raise ExpressionError(f"{name} needs a list with at least one number.")
    return found


def absolute(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return a number without its sign."""
    meter.spend(1)
    return abs(number(arguments[0], "abs"))


def round_to(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return a number with so many digits after the point; half rounds away from zero."""
    meter.spend(1)
    value = number(arguments[0], "round")
    digits = integer(arguments[1], "round") if len(arguments) > 1 else 0
    if not 0 <= digits <= 15:
        raise ExpressionError(f"round needs 0 to 15 digits, not {digits}.")
    return rounded(value, digits)


FUNCTIONS: Final = {
    "merge": Function(merge, 2),
    "keys": Function(keys, 1),
    "values": Function(values, 1),
    "range": Function(range_of, 1),
    "sort": Function(sort, 1),
    "unique": Function(unique, 1),
    "flatten": Function(flatten, 1),
    "slice": Function(slice_of, 3),
    "sum": Function(sum_of, 1),
    "min": Function(min_of, 1),
    "max": Function(max_of, 1),
    "abs": Function(absolute, 1),
    "round": Function(round_to, 1, most=2),
}
