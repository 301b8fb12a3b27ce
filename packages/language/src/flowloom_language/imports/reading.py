"""Reads files of other programs within limits, and refuses what would start programs."""

import json
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import to_data
from flowloom_language.yaml_reader import read_yaml

MAX_DEPTH: Final = 64
MAX_NODES: Final = 500
_STDIO_FIELDS: Final = frozenset({"transport", "transporttype", "connectiontype", "mode", "servertransport"})


class NotThisFormatError(ValueError):
    """The text is not a workflow of the program that it is said to be of; the message says why."""


class StdioRefusedError(NotThisFormatError):
    """The workflow would start a program of its own beside the platform."""


def read_json(text: str) -> JsonObject:
    """Return the object of a JSON text; raise NotThisFormatError for anything else."""
    try:
        data: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotThisFormatError("The text is not JSON.") from error
    return _checked(data)


def read_mapping(text: str) -> JsonObject:
    """Return the mapping of a YAML text; raise NotThisFormatError for anything else."""
    _, root = read_yaml(text, ProblemList())
    return _checked(to_data(root) if root is not None else None)


def _checked(data: JsonValue) -> JsonObject:
    if not isinstance(data, dict):
        raise NotThisFormatError("The text has no fields.")
    _look_through(data, 1)
    return data


def _look_through(value: JsonValue, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotThisFormatError(f"It is nested more than {MAX_DEPTH} deep.")
    if isinstance(value, dict):
        if _starts_a_program(value):
            raise StdioRefusedError("It starts an MCP server as a program; only remote servers are taken.")
        for one in value.values():
            _look_through(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _look_through(one, depth + 1)
    elif isinstance(value, str) and '"command"' in value:
        _look_through_text(value, depth)


def _look_through_text(text: str, depth: int) -> None:
    """Settings of MCP servers are often JSON inside a text."""
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return
    _look_through(inner, depth + 1)


def _starts_a_program(fields: JsonObject) -> bool:
    command = fields.get("command")
    if isinstance(command, str) and command and fields.keys() & {"args", "env", "transport"}:
        return True
    return any(
        name.lower() in _STDIO_FIELDS and isinstance(value, str) and value.lower() in ("stdio", "cmd")
        for name, value in fields.items()
    )


def objects(value: JsonValue) -> list[JsonObject]:
    """Return the objects of a list; what is no list has none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def fields_of(value: JsonValue) -> JsonObject:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def text_of(value: JsonValue) -> str:
    """Return a text, an empty one for nothing and JSON for what is not a text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
