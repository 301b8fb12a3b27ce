"""The rules of JSON values that enter and leave a program: finite numbers, exact integers, bounded depth."""

import json
import math
from collections.abc import Iterable
from typing import Final, NoReturn, cast

from flowloom_contracts.base import JsonValue

MAX_DEPTH: Final = 100
MAX_INTEGER: Final = 2**53 - 1
NAMED_LEVELS: Final = 3
"""How deep messages name the place; further down, the place of the parent must do."""
SMALL_NODES: Final = 2_000
SMALL_CHARS: Final = 64 * 1024


class NotJsonError(ValueError):
    """A value breaks a rule; the text names the rule and the place."""


def check_value(value: object, name: str) -> None:
    """Raise `NotJsonError` unless a value is JSON as the workflow language has it."""
    waiting: list[tuple[str, int, object]] = [(name, 0, [value])]
    while waiting:
        place, depth, container = waiting.pop()
        if depth > MAX_DEPTH:
            raise NotJsonError(f"{name} is nested deeper than {MAX_DEPTH} levels: flatten it")
        if isinstance(container, dict):
            _check_keys(container, place)
            parts: Iterable[tuple[object, object]] = container.items()
        else:
            parts = enumerate(cast("list[object]", container))
        for key, part in parts:
            if type(part) in (dict, list):
                waiting.append((_place(place, depth, key), depth + 1, part))
            elif fault := _fault(part):
                raise NotJsonError(f"{_place(place, depth, key)} {fault}")


def is_small(value: object) -> bool:
    """Return whether a value is quick to check and to encode, after a bounded look at it."""
    waiting, nodes, chars = [value], 0, 0
    while waiting:
        item = waiting.pop()
        nodes += 1
        chars += len(item) if isinstance(item, str) else 0
        if isinstance(item, dict):
            nodes += len(item)
            if nodes <= SMALL_NODES:
                waiting.extend(item.values())
        elif isinstance(item, list):
            nodes += len(item)
            if nodes <= SMALL_NODES:
                waiting.extend(item)
        if nodes > SMALL_NODES or chars > SMALL_CHARS:
            return False
    return True


def encode(value: object, name: str, limit: int) -> bytes:
    """Return a checked value as compact JSON text of at most `limit` bytes."""
    check_value(value, name)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > limit:
        raise NotJsonError(f"{name} has {len(text):,} bytes as JSON; {limit:,} are allowed")
    return text


def decode(text: bytes, name: str) -> JsonValue:
    """Return the checked value of JSON text that somebody untrusted wrote."""
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise NotJsonError(f"{name} is nested deeper than {MAX_DEPTH} levels: flatten it") from None
    except NotJsonError as error:
        raise NotJsonError(f"{name} holds {error}") from None
    except ValueError as error:
        if "digits" in str(error):
            raise NotJsonError(f"{name} holds an integer beyond ±(2^53-1): use a string") from None
        raise NotJsonError(f"{name} is no JSON: {error}") from error
    check_value(value, name)
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise NotJsonError(f"{constant}, which JSON does not have: use None")


def _place(place: str, depth: int, key: object) -> str:
    if depth == 0 or depth > NAMED_LEVELS:
        return place
    return f"{place}.{key:.50}" if isinstance(key, str) else f"{place}[{key}]"


def _check_keys(container: dict[object, object], place: str) -> None:
    for key in container:
        if type(key) is not str:
            raise NotJsonError(f"{place} has the key {key!r:.50}, which is no text")
        if fault := _fault(key):
            raise NotJsonError(f"{place} has a key that {fault}")


def _fault(item: object) -> str:
    """Return what is wrong with a value that holds no others, empty if nothing is."""
    if type(item) is str:
        return "" if item.isascii() else _text_fault(item)
    if type(item) is int:
        exact = -MAX_INTEGER <= item <= MAX_INTEGER
        return "" if exact else "is an integer beyond ±(2^53-1): use a string"
    if type(item) is float:
        return "" if math.isfinite(item) else f"is {item}, which JSON does not have: use None"
    return "" if item is None or type(item) is bool else f"is a {type(item).__name__}, which is no JSON"


def _text_fault(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair: write the character itself"
    return ""
