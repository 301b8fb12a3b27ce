"""Turns what somebody passes to a run into its inputs: defaults applied, then validated."""

from dataclasses import dataclass

from jsonschema import ValidationError

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.json_schemas import schema_errors

_CODES = {"required": "missing_field", "type": "wrong_type", "additionalProperties": "unknown_field"}


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One thing that is wrong with the inputs; `path` as in `inputs.topic`."""

    path: str
    code: str
    message: str


class InputError(Exception):
    """The inputs do not fit the workflow's schema."""

    def __init__(self, errors: list[InputProblem]) -> None:
        super().__init__("; ".join(f"{error.path}: {error.message}" for error in errors))
        self.errors = errors


def resolve_inputs(schema: JsonObject | None, inputs: JsonObject) -> JsonObject:
    """Return the inputs with the schema's defaults; raises InputError with every problem (at most 20)."""
    if schema is None:
        return inputs
    resolved = with_defaults(schema, inputs)
    errors = [_problem(error) for error in schema_errors(schema, resolved)]
    if errors:
        raise InputError(errors)
    return resolved


def with_defaults(schema: JsonObject, value: JsonObject) -> JsonObject:
    """Return the inputs with what the schema says of those that are not given, at any depth."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return value
    resolved = dict(value)
    for name, inner in properties.items():
        if isinstance(inner, dict):
            _fill(resolved, name, inner)
    return resolved


def _fill(resolved: JsonObject, name: str, schema: JsonObject) -> None:
    if name not in resolved and "default" in schema:
        resolved[name] = schema["default"]
    present: JsonValue = resolved.get(name)
    if isinstance(present, dict):
        resolved[name] = with_defaults(schema, present)


def _problem(error: ValidationError) -> InputProblem:
    path = "inputs" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    )
    if error.validator == "required" and isinstance(error.instance, dict):
        required = error.validator_value if isinstance(error.validator_value, list) else []
        missing = (name for name in required if error.message.startswith(repr(name)))
        path += f".{next(missing, '?')}"
    code = _CODES.get(str(error.validator), "invalid_value")
    return InputProblem(path, code, _sentence(error.message))


def _sentence(message: str) -> str:
    shown = message if len(message) <= 300 else f"{message[:300]}…"
    return shown[0].upper() + shown[1:] + ("" if shown.endswith((".", "…")) else ".")
