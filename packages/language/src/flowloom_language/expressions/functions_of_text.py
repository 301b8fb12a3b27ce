"""The functions that work on text."""

import hashlib
import json
import math
import re
from functools import lru_cache
from typing import Final, Protocol

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.limits import MAX_PATTERN, MAX_VALUE_DEPTH
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.signatures import Arguments, Function
from flowloom_language.expressions.values import (
    compact,
    items,
    kind,
    number,
    printed,
    settled,
    text,
)

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,6})?"
)
_PATTERN_STEPS: Final = 10
_PATTERN_WORK: Final = 1_000
"""Characters of the text times those of the pattern in one step: a long pattern has many states at once."""
_SPACE: Final = " \t\n\r\f\v"


def size(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return how many characters, items or entries there are."""
    value = arguments[0]
    if not isinstance(value, str | list | dict):
        raise ExpressionError(f"size needs a text, list or map, not {kind(value)}.")
    meter.spend(1)
    return len(value)


def contains(arguments: Arguments, meter: Meter) -> JsonValue:
    """Whether the first text holds the second."""
    return text(arguments[1], "contains", meter) in text(arguments[0], "contains", meter)


def starts_with(arguments: Arguments, meter: Meter) -> JsonValue:
    """Whether the first text begins with the second."""
    return text(arguments[0], "startsWith", meter).startswith(text(arguments[1], "startsWith", meter))


def ends_with(arguments: Arguments, meter: Meter) -> JsonValue:
    """Whether the first text ends with the second."""
    return text(arguments[0], "endsWith", meter).endswith(text(arguments[1], "endsWith", meter))


def matches(arguments: Arguments, meter: Meter) -> JsonValue:
    """Whether the RE2 pattern is found anywhere in the text."""
    subject = text(arguments[0], "matches", meter)
    pattern = text(arguments[1], "matches", meter)
    meter.spend(_PATTERN_STEPS + len(subject) // 50 + len(subject) * len(pattern) // _PATTERN_WORK)
    try:
        return compile_pattern(pattern).search(subject) is not None
    except PatternError as error:
        raise ExpressionError(str(error)) from error


class Pattern(Protocol):
    """A compiled RE2 pattern."""

    def search(self, text: str) -> object | None:
        """Return something if the pattern is found anywhere in the text."""
        ...


class PatternError(ValueError):
    """The text is not an RE2 pattern."""


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> Pattern:
    """Return the compiled RE2 pattern; raises PatternError."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    options.never_capture = True  # nobody asks for groups, and finding them costs ten times the search
    try:
        compiled: Pattern = re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else "unknown"
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(f"{pattern[:100]!r} is not an RE2 pattern: {shown}.") from error
    return compiled


def is_short_pattern(pattern: str) -> bool:
    """Whether a pattern that is not a literal may be used."""
    return len(pattern) <= MAX_PATTERN


def replace(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the text with every occurrence replaced."""
    subject, old, new = (text(value, "replace", meter) for value in arguments)
    grown = len(subject) + subject.count(old) * (len(new) - len(old))
    meter.text(grown)
    return subject.replace(old, new)


def lower(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the text in lower case."""
    return text(arguments[0], "lower", meter).lower()


def upper(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the text in upper case."""
    return text(arguments[0], "upper", meter).upper()


def trim(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the text without white space at its ends."""
    return text(arguments[0], "trim", meter).strip(_SPACE)


def split(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the parts of the text between separators; an empty separator gives its characters."""
    subject, separator = (text(value, "split", meter) for value in arguments)
    meter.items(len(subject) if not separator else subject.count(separator) + 1)
    return list(subject) if not separator else list(subject.split(separator))


def join(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the items of a list as one text; items that are not text print as in a template."""
    separator = text(arguments[1], "join", meter)
    parts = [printed(item, meter) for item in items(arguments[0], "join", meter)]
    meter.text(sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1))
    return separator.join(parts)


def to_string(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the value as it prints inside a template."""
    return printed(arguments[0], meter)


def to_json(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the value as compact JSON."""
    found = compact(arguments[0], meter)
    meter.text(len(found))
    return found


def parse_json(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the value a JSON text holds."""
    source = text(arguments[0], "parse_json", meter)
    try:
        value: JsonValue = json.loads(source, parse_constant=_refuse_constant, parse_int=_parse_int)
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"parse_json got a text that is not JSON: {source[:40]!r}.") from error
    meter.spend(len(source) // 50)
    _check_depth(value, 0)
    return value


def to_int(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return a whole number; numbers lose their fraction, texts must be a whole number."""
    value = arguments[0]
    if isinstance(value, str):
        meter.text(len(value))
        if not _INTEGER.fullmatch(value):
            raise ExpressionError(f"int got a text that is not a whole number: {value[:40]!r}.")
        return settled(int(value))
    found = number(value, "int")
    return settled(math.trunc(found))


def to_double(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return a number; texts must be one."""
    value = arguments[0]
    if isinstance(value, str):
        meter.text(len(value))
        if not _NUMBER.fullmatch(value):
            raise ExpressionError(f"double got a text that is not a number: {value[:40]!r}.")
        return settled(float(value))
    return number(value, "double")


def hash_of(arguments: Arguments, meter: Meter) -> JsonValue:
    """Return the SHA-256 of the value's compact JSON with sorted keys, as 64 hex digits."""
    found = compact(arguments[0], meter, in_order=True)
    meter.text(len(found))
    return hashlib.sha256(found.encode("utf-8", "surrogatepass")).hexdigest()


def _check_depth(value: JsonValue, depth: int) -> None:
    if depth > MAX_VALUE_DEPTH:
        raise ExpressionError(f"parse_json got a value nested deeper than {MAX_VALUE_DEPTH} levels.")
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    for item in inner:
        _check_depth(item, depth + 1)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _parse_int(digits: str) -> int | float:
    return int(digits) if len(digits) < 17 else float(digits)


FUNCTIONS: Final = {
    "size": Function(size, 1, method=True),
    "contains": Function(contains, 2, method=True),
    "startsWith": Function(starts_with, 2, method=True),
    "endsWith": Function(ends_with, 2, method=True),
    "matches": Function(matches, 2, method=True),
    "replace": Function(replace, 3, method=True),
    "lower": Function(lower, 1),
    "upper": Function(upper, 1),
    "trim": Function(trim, 1),
    "split": Function(split, 2),
    "join": Function(join, 2),
    "string": Function(to_string, 1),
    "json": Function(to_json, 1),
    "parse_json": Function(parse_json, 1),
    "int": Function(to_int, 1),
    "double": Function(to_double, 1),
    "hash": Function(hash_of, 1),
}
