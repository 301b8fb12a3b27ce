"""JSON Schema 2020-12 as the language uses it: local references only, RE2 patterns, bounded work."""

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from typing import Final, Protocol, TypeAlias

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.functions_of_text import PatternError, compile_pattern

MAX_VISITS: Final = 5_000
"""References followed by one validation: a schema cannot make it expensive."""

Schema: TypeAlias = Mapping[str, JsonValue]
_visits: ContextVar[list[int]] = ContextVar("visits")


class SchemaTooExpensiveError(ValueError):
    """The value would need more than MAX_VISITS references."""


class _Descending(Protocol):
    def descend(self, instance: object, schema: object, **place: object) -> Iterator[ValidationError]: ...

    def is_type(self, instance: object, type: str) -> bool: ...


def schema_errors(schema: JsonObject, value: JsonValue, *, limit: int = 20) -> list[ValidationError]:
    """Return at most `limit` errors of a value, in the order of their places."""
    token = _visits.set([0])
    try:
        validator = _Validator(schema, registry=Registry())
        found = list(islice(validator.iter_errors(value), limit))
    except (RecursionError, Unresolvable, PatternError, SchemaTooExpensiveError) as error:
        found = [ValidationError(f"The schema cannot be applied: {error}")]
    finally:
        _visits.reset(token)
    return sorted(found, key=lambda error: [str(part) for part in error.absolute_path])


def _pattern(
    validator: _Descending, pattern: str, instance: object, schema: Schema
) -> Iterable[ValidationError]:
    if isinstance(instance, str) and compile_pattern(pattern).search(instance) is None:
        yield ValidationError(f"{instance[:60]!r} does not match {pattern!r}")


def _pattern_properties(
    validator: _Descending, patterns: Mapping[str, JsonValue], instance: object, schema: Schema
) -> Iterable[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, inner in patterns.items():
        for name, value in instance.items():
            if compile_pattern(pattern).search(name):
                yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional_properties(
    validator: _Descending, allowed: JsonValue, instance: object, schema: Schema
) -> Iterable[ValidationError]:
    if not isinstance(instance, dict):
        return
    for name in [name for name in instance if not _is_named(name, schema)]:
        if isinstance(allowed, dict):
            yield from validator.descend(instance[name], allowed, path=name)
        elif allowed is False:
            yield ValidationError(f"{name[:60]!r} is not allowed")


def _is_named(name: str, schema: Schema) -> bool:
    named, patterns = schema.get("properties"), schema.get("patternProperties")
    if isinstance(named, dict) and name in named:
        return True
    return isinstance(patterns, dict) and any(compile_pattern(one).search(name) for one in patterns)


def _counted_reference(
    validator: _Descending, reference: str, instance: object, schema: Schema
) -> Iterable[ValidationError]:
    visits = _visits.get()
    visits[0] += 1
    if visits[0] > MAX_VISITS:
        raise SchemaTooExpensiveError("it follows too many references")
    yield from _follow(validator, reference, instance, schema)


_follow = Draft202012Validator.VALIDATORS["$ref"]
_Validator = extend(  # type: ignore[no-untyped-call]  # the library leaves it untyped
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "$ref": _counted_reference,
    },
)
