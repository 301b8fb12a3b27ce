"""Values too large for a state: `{"$ref": …, "preview": …, "size": …}` stands where they belong."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from flowloom_contracts.base import JsonValue

_KEYS: Final = {"$ref", "preview", "size"}
_REF: Final = re.compile(r"sha256:[0-9a-f]{64}(\.[0-9]{1,6})?")


def large_value(ref: str, preview: JsonValue, size: int) -> JsonValue:
    """Return what stands for a large value; `ref` as `flowloom_contracts.values` writes it."""
    return {"$ref": ref, "preview": preview, "size": size}


def ref_of(value: JsonValue) -> str | None:
    """Return the reference, if this is what stands for a large value."""
    if not isinstance(value, dict) or value.keys() != _KEYS:
        return None
    ref = value["$ref"]
    return ref if isinstance(ref, str) and _REF.fullmatch(ref) else None


def base_of(ref: str) -> tuple[str, int | None]:
    """Return under which reference a value is kept, and its place there if that is a list of such values."""
    base, _, place = ref.partition(".")
    return base, int(place) if place else None


def bases_in(value: JsonValue) -> tuple[str, ...]:
    """Return under which references the values are kept that stand inside a value, each once."""
    return tuple(dict.fromkeys(base_of(ref)[0] for ref in refs_in(value)))


def refs_in(value: JsonValue) -> tuple[str, ...]:
    """Return the references inside a value, in the order they come, each once."""
    if not isinstance(value, dict | list):
        return ()
    return tuple(dict.fromkeys(_walk(value)))


def _walk(value: JsonValue) -> Iterator[str]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending += [item for item in reversed(one) if isinstance(item, dict | list)]
        elif isinstance(one, dict):
            ref = ref_of(one)
            if ref is not None:
                yield ref
                continue
            pending += [item for item in reversed(one.values()) if isinstance(item, dict | list)]


def defused(value: JsonValue) -> JsonValue:
    """Return a value from outside in which nothing can be taken for what stands for a large value.

    Whatever looks like it is marked as foreign: the run has no such value, and would wait for it for ever.
    """
    return _marked(value) if refs_in(value) else value


def _marked(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if not isinstance(value, dict):
        return value
    marked = {key: _marked(item) for key, item in value.items()}
    return marked | {"foreign": True} if ref_of(value) is not None else marked


def with_values(value: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    """Return a value with the large values put in that are known."""
    if isinstance(value, list):
        return [with_values(item, values) for item in value] if refs_in(value) else value
    if not isinstance(value, dict):
        return value
    ref = ref_of(value)
    if ref is not None:
        return values.get(ref, value)
    return {key: with_values(item, values) for key, item in value.items()} if refs_in(value) else value
