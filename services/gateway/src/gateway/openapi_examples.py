"""Examples of requests and answers, made from their schemas: every field a believable value of its form."""

import re
from collections.abc import Iterable
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue

EXAMPLE_ID: Final = "0192f0c4-a5b6-7c8d-9e0f-1a2b3c4d5e6f"
EXAMPLE_TIME: Final = "2026-11-29T08:00:00Z"
_SOURCE: Final = (
    "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: greeting}\n"
    "steps:\n  greet: {transform: Hello}\noutputs: {text: '${greet}'}\n"
)
BY_NAME: Final[JsonObject] = {
    "after": "draft",
    "before": "3",
    "after_cursor": "1:42",
    "code": "invalid_value",
    "currency": "usd",
    "cursor": "1:42",
    "detail": "",
    "document_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "email": "ada@example.org",
    "etag": '"r7"',
    "expires_in": 300,
    "instance": "/v1/runs",
    "key": "flk_live_a1b2c3d4_9f86d081884c7d659a2feaa0c55ad015_6b3f",
    "kind": "transform",
    "language": "en",
    "message": "Checked and found well.",
    "name": "greeting",
    "next_cursor": None,
    "note": "The greeting is friendlier.",
    "password": "correct horse battery staple",
    "path": "greet",
    "permissions": ["workflows:read", "runs:read"],
    "prefix": "flk_live_a1b2c3d4",
    "role": "editor",
    "scopes": ["runs:read"],
    "setup_token": "the-token-this-server-was-started-with",
    "source": _SOURCE,
    "stream": f"run:{EXAMPLE_ID}",
    "tests": "",
    "title": "Greeting",
    "topic": "report.ready",
    "tokens": 1200,
    "type": "/problems/run-not-found",
    "unified": "--- 3\n+++ draft\n@@ -5 +5 @@\n-  greet: {transform: Hi}\n+  greet: {transform: Hello}\n",
    "usd": 0.02,
    "version": 3,
    "workspace": "Analytical Engines",
}
"""Values by the name of the field; one that does not fit the field's schema is not used."""

MAX_DEPTH: Final = 8


class Examples:
    """Makes examples of one description's schemas."""

    def __init__(self, components: JsonObject) -> None:
        self._components = components

    def of(self, schema: JsonObject, name: str = "", depth: int = 0) -> JsonValue:
        """Return a value that the schema accepts."""
        schema = self._resolved(schema)
        given = schema.get("examples")
        if isinstance(given, list) and given:
            return given[0]
        for key in ("example", "const"):
            if key in schema:
                return schema[key]
        if (known := self._known(schema, name)) is not None:
            return known
        branches = _branches(schema)
        if branches:
            return self._of_branches(branches, name, depth)
        return self._of_type(schema, name, depth)

    def _resolved(self, schema: JsonObject) -> JsonObject:
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        found = self._components.get(reference.rpartition("/")[2], {})
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return self._resolved({**found, **rest}) if isinstance(found, dict) else rest

    def _known(self, schema: JsonObject, name: str) -> JsonValue:
        value = BY_NAME.get(name)
        if value is None or "enum" in schema:
            return None
        kinds = [self._resolved(one) for one in _branches(schema)] or [schema]
        return value if any(_fits(value, kind) for kind in kinds) else None

    def _of_branches(self, branches: list[JsonObject], name: str, depth: int) -> JsonValue:
        if any(branch.get("type") == "null" for branch in branches):
            return None
        return self.of(branches[0], name, depth)

    def _of_type(self, schema: JsonObject, name: str, depth: int) -> JsonValue:
        if isinstance(values := schema.get("enum"), list):
            return values[0]
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, depth)
        if kind == "array":
            items = schema.get("items")
            return [self.of(items, "", depth + 1)] if isinstance(items, dict) and depth < MAX_DEPTH else []
        if "default" in schema and schema["default"] is not None:
            return schema["default"]
        return _scalar(schema, name)

    def _object(self, schema: JsonObject, depth: int) -> JsonObject:
        properties = schema.get("properties")
        required = schema.get("required")
        named = required if isinstance(required, list) else []
        if not isinstance(properties, dict) or depth >= MAX_DEPTH:
            return {}
        return {
            field: self.of(inner, field, depth + 1)
            for field, inner in properties.items()
            if isinstance(inner, dict) and (field in named or field in BY_NAME)
        }


def _branches(schema: JsonObject) -> list[JsonObject]:
    found: Iterable[JsonValue] = []
    for key in ("anyOf", "oneOf"):
        if isinstance(branches := schema.get(key), list):
            found = branches
    return [branch for branch in found if isinstance(branch, dict)]


def _fits(value: JsonValue, schema: JsonObject) -> bool:
    kinds = {"string": str, "integer": int, "number": int | float, "array": list}
    kind = kinds.get(str(schema.get("type")))
    if kind is None or not isinstance(value, kind) or "format" in schema:
        return False
    return not isinstance(value, str) or re.search(str(schema.get("pattern", "")), value) is not None


def _scalar(schema: JsonObject, name: str) -> JsonValue:
    match schema.get("type"):
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return {}


def _text(schema: JsonObject, name: str) -> str:
    if schema.get("format") == "date-time" or name.endswith("_at") or name == "at":
        return EXAMPLE_TIME
    if name == "id" or name.endswith("_id"):
        return EXAMPLE_ID
    least = schema.get("minLength", 0)
    return (name or "text").ljust(least if isinstance(least, int) else 0, ".")
