"""Structured output: what the server is asked for, and the value taken out of its answer again."""

import json
from typing import Final

from flowloom_contracts.base import JsonObject

# Strict modes want an object at the root; other roots travel inside one.
WRAP_KEY: Final = "value"


def needs_wrapping(schema: JsonObject) -> bool:
    """Whether the root of a schema is something else than an object."""
    return schema.get("type") != "object"


def response_format(schema: JsonObject) -> JsonObject:
    """Return the `response_format` of an OpenAI-compatible request."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": strict_root(schema)},
    }


def unwrapped(text: str, schema: JsonObject) -> str:
    """Return the answer's text without the wrapping object; other text stays as it is."""
    if not needs_wrapping(schema):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if not isinstance(value, dict) or WRAP_KEY not in value:
        return text
    return json.dumps(value[WRAP_KEY], ensure_ascii=False)


def strict_root(schema: JsonObject) -> JsonObject:
    """Return a schema whose root is an object: the schema itself, or one with it inside."""
    if not needs_wrapping(schema):
        return schema
    return {
        "type": "object",
        "properties": {WRAP_KEY: schema},
        "required": [WRAP_KEY],
        "additionalProperties": False,
    }
