"""Checks the JSON Schemas in a document: valid, local, and safe to apply."""

from collections.abc import Iterator
from typing import Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.expressions.functions_of_text import PatternError, compile_pattern
from flowloom_language.source_tree import Mapping, Scalar, to_data

MAX_SCHEMA_VALUES: Final = 1_000
MAX_SCHEMA_VALUES_IN_ALL: Final = 5_000
"""Checking a schema against the schema of schemas is slow."""

_DATA = ("enum", "const", "default", "examples")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_REFUSED = (
    "$dynamicRef",
    "$dynamicAnchor",
    "$anchor",
    "$recursiveRef",
    "unevaluatedProperties",
    "unevaluatedItems",
)
_META = Draft202012Validator(Draft202012Validator.META_SCHEMA)


def check_schemas(draft: Draft) -> None:
    """Report every place of a schema that is wrong."""
    if isinstance(draft.root.values.get("inputs"), Mapping):
        _check_inputs(draft)
    for step in draft.steps:
        if step.kind in ("agent", "llm"):
            check_schema(draft, (*step.path, "output"))
        elif step.kind == "approval":
            check_schema(draft, (*step.path, "approval", "form"))


def _check_inputs(draft: Draft) -> None:
    kind = draft.node(("inputs", "type"))
    if not (isinstance(kind, Scalar) and kind.value == "object"):
        draft.report(
            ProblemCode.BAD_SCHEMA,
            ("inputs", "type") if kind else ("inputs",),
            "The schema of the inputs is of type object.",
            hint="Write type: object and put the inputs below properties.",
            at_key=kind is None,
        )
    check_schema(draft, ("inputs",))


def check_schema(draft: Draft, path: Path) -> None:
    """Report what is wrong with the schema at a path."""
    node = draft.node(path)
    if not isinstance(node, Mapping):
        return
    if node.weight > MAX_SCHEMA_VALUES or draft.schema_values + node.weight > MAX_SCHEMA_VALUES_IN_ALL:
        draft.report(
            ProblemCode.LIMIT_EXCEEDED,
            path,
            f"A schema has at most {MAX_SCHEMA_VALUES} values, all together {MAX_SCHEMA_VALUES_IN_ALL}.",
            at_key=True,
        )
        return
    draft.schema_values += node.weight
    schema = to_data(node)
    error = best_match(_META.iter_errors(schema))
    if error is not None:
        place = (*path, *error.absolute_path)
        draft.report(ProblemCode.BAD_SCHEMA, place, f"This is not JSON Schema: {error.message[:200]}.")
        return
    for inner, message in _unsafe(schema, schema, ()):
        draft.report(ProblemCode.BAD_SCHEMA, (*path, *inner), message)


def schema_problem(schema: JsonObject) -> str | None:
    """Return what is wrong with a schema that was written elsewhere, None for one that can be applied."""
    if schema.get("type") != "object":
        return "it is not of type object"
    if _weight(schema, MAX_SCHEMA_VALUES) > MAX_SCHEMA_VALUES:
        return f"it has more than {MAX_SCHEMA_VALUES} values"
    error = best_match(_META.iter_errors(schema))
    if error is not None:
        return f"it is not JSON Schema: {error.message[:200]}"
    return next((message for _, message in _unsafe(schema, schema, ())), None)


def _weight(value: JsonValue, most: int) -> int:
    """Return how many values there are, counted no further than just above `most`."""
    waiting, count = [value], 0
    while waiting and count <= most:
        found = waiting.pop()
        count += 1
        waiting += found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return count


def _unsafe(root: JsonValue, schema: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword == "$ref":
            yield from _reference(root, value, (*path, keyword))
        elif keyword in _REFUSED or (keyword == "$id" and path):
            yield (*path, keyword), f"{keyword!r} is not supported."
        elif keyword == "pattern":
            yield from _pattern(value, (*path, keyword))
        elif keyword in _NAMED and isinstance(value, dict):
            for name, inner in value.items():
                if keyword == "patternProperties":
                    yield from _pattern(name, (*path, keyword, name))
                yield from _unsafe(root, inner, (*path, keyword, name))
        elif keyword not in _DATA:
            yield from _below(root, value, (*path, keyword))


def _below(root: JsonValue, value: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unsafe(root, item, (*path, position))
    else:
        yield from _unsafe(root, value, path)


def _pattern(pattern: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    try:
        compile_pattern(str(pattern))
    except PatternError as error:
        yield path, str(error)


def _reference(root: JsonValue, reference: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(reference, str) or not reference.startswith("#"):
        yield path, "A reference stays inside the schema: it begins with '#'."
    elif not _exists(root, reference):
        yield path, f"{reference[:80]!r} does not exist in the schema."


def _exists(root: JsonValue, reference: str) -> bool:
    found = root
    for part in reference[1:].split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~").replace("%25", "%")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return False
    return reference in ("#",) or reference.startswith("#/")
