"""The JSON Schemas of the workflow language, for editors: `python -m flowloom_contracts.workflow_schema`."""

import json
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.step_fields import ID_PATTERN
from flowloom_contracts.tests_document import TestsDocument
from flowloom_contracts.workflow import Step, Workflow

SCHEMA_FILE: Final = Path(__file__).parents[2] / "schema" / "workflow.schema.json"
"""Where the repository keeps the schema of workflows."""

TESTS_SCHEMA_FILE: Final = SCHEMA_FILE.with_name("tests.schema.json")
"""Where the repository keeps the schema of tests."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_MAPPINGS_BY_ID: Final = ("do", "steps", "outputs")
_STEP_REF: Final[JsonObject] = {"$ref": "#/$defs/Step"}


def workflow_schema() -> JsonObject:
    """Return the schema of a workflow document, JSON Schema 2020-12."""
    schema: JsonObject = Workflow.model_json_schema(by_alias=True, mode="validation")
    union = TypeAdapter[Step](Step).json_schema(by_alias=True, mode="validation")["oneOf"]
    named = _with_named_steps(schema, union)
    assert isinstance(named, dict)  # noqa: S101 - a mapping stays one
    definitions = named["$defs"]
    assert isinstance(definitions, dict)  # noqa: S101 - Pydantic always writes them
    definitions["Step"] = {"oneOf": union, "description": "One step: exactly one kind, and common fields."}
    _name_ids(named)
    return {
        "$schema": _DIALECT,
        "title": "Flowloom workflow, flowloom/v1",
        **{key: value for key, value in named.items() if key != "title"},
    }


def step_definitions() -> JsonObject:
    """Return the schemas of all kinds of step and of their parts, by the name of their model."""
    definitions: JsonObject = TypeAdapter[Step](Step).json_schema(by_alias=True, mode="validation")["$defs"]
    return definitions


def schema_of_tests() -> JsonObject:
    """Return the schema of the tests beside a workflow, JSON Schema 2020-12."""
    schema: JsonObject = TestsDocument.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": _DIALECT,
        "title": "Tests of a Flowloom workflow, flowloom/v1",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def workflow_schema_text() -> str:
    """Return the schema of workflows as it is committed."""
    return _text(workflow_schema())


def schema_text_of_tests() -> str:
    """Return the schema of tests as it is committed."""
    return _text(schema_of_tests())


def _text(schema: JsonObject) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _with_named_steps(value: JsonValue, union: JsonValue) -> JsonValue:
    """Return the schema with one name in all places that spell out every kind of step."""
    if isinstance(value, list):
        return [_with_named_steps(item, union) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("oneOf") == union:
        rest = {key: inner for key, inner in value.items() if key != "oneOf"}
        return {**_STEP_REF, **rest}
    return {key: _with_named_steps(inner, union) for key, inner in value.items()}


def _name_ids(value: JsonValue) -> None:
    """Say in every mapping of steps and outputs what an id is."""
    if isinstance(value, list):
        for item in value:
            _name_ids(item)
    elif isinstance(value, dict):
        properties = value.get("properties")
        for name, inner in properties.items() if isinstance(properties, dict) else ():
            if name in _MAPPINGS_BY_ID and isinstance(inner, dict) and "additionalProperties" in inner:
                inner["propertyNames"] = {"pattern": ID_PATTERN}
        for inner in value.values():
            _name_ids(inner)


if __name__ == "__main__":
    SCHEMA_FILE.write_text(workflow_schema_text(), encoding="utf-8")
    TESTS_SCHEMA_FILE.write_text(schema_text_of_tests(), encoding="utf-8")
