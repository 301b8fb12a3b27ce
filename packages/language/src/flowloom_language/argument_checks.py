"""Checks written arguments against a JSON Schema as far as they are known before the run."""

from typing import Final

from jsonschema import ValidationError

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.json_schemas import schema_errors
from flowloom_language.problems import did_you_mean
from flowloom_language.template_sites import texts

_CODES: Final = {"required": ProblemCode.MISSING_FIELD, "type": ProblemCode.WRONG_TYPE}
_COMBINING: Final = ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "patternProperties")


def check_arguments(draft: Draft, path: Path, schema: JsonObject) -> None:
    """Report names that are missing or unknown, and values without templates that do not fit.

    A mapping that is one template, and schemas that combine others, say nothing before the run.
    """
    written = draft.value(path)
    arguments: JsonValue = {} if written is None else written
    if not isinstance(arguments, dict):
        return
    properties = schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        inner = known.get(str(name))
        if name not in arguments and not (isinstance(inner, dict) and "default" in inner):
            draft.report(ProblemCode.MISSING_FIELD, (*path, str(name)), f"{name!r} is missing.")
    if schema.get("additionalProperties") is False and not any(word in schema for word in _COMBINING):
        for name in arguments:
            if name not in known:
                hint = did_you_mean(name, known) or f"It takes {', '.join(known)[:200] or 'nothing'}."
                message = f"There is no {name[:60]!r} here."
                draft.report(ProblemCode.UNKNOWN_FIELD, (*path, name), message, hint=hint, at_key=True)
    for name, value in arguments.items():
        inner = known.get(name)
        if isinstance(inner, dict) and next(texts(value), None) is None:
            check_value(draft, (*path, name), _with_definitions(inner, schema), value)


def check_value(draft: Draft, path: Path, schema: JsonObject, value: JsonValue) -> None:
    """Report what is wrong with a value that is written out."""
    for error in schema_errors(schema, value, limit=5):
        report_misfit(draft, (*path, *error.absolute_path), error)


def report_misfit(draft: Draft, path: Path, error: ValidationError) -> None:
    """Report one finding of a schema."""
    code = _CODES.get(str(error.validator), ProblemCode.INVALID_VALUE)
    shown = error.message[:300]
    draft.report(code, path, shown[:1].upper() + shown[1:] + ("" if shown.endswith((".", "…")) else "."))


def _with_definitions(inner: JsonObject, schema: JsonObject) -> JsonObject:
    """References of a property are relative to the whole schema."""
    return {**{name: schema[name] for name in ("$defs", "definitions") if name in schema}, **inner}
