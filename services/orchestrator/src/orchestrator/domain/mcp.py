"""What an MCP server says, judged: definitions of tools with their digests, results, and how calls fail."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import TOOL_PATTERN, McpTool, McpToolSeen
from flowloom_contracts.step_fields import Effect
from flowloom_language.json_schemas import schema_errors
from flowloom_language.schema_checks import schema_problem

PINNED: Final = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
"""What a digest covers: all that a person or a model could be told about a tool."""

MOST_DESCRIPTION_CHARS: Final = 4_000
MOST_LEVELS: Final = 100
MOST_ARGUMENT_BYTES: Final = 1_000_000
MOST_SHOWN_BYTES: Final = 60_000
"""How much of a result a model is shown."""

_QUOTED: Final = 500
_NAME: Final = re.compile(TOOL_PATTERN.removesuffix("$"))


class McpCallError(Exception):
    """A call failed; with `is_unknown` it was sent, and nobody knows what it has done."""

    def __init__(self, code: str, message: str, *, is_unknown: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.is_unknown = is_unknown


@dataclass(frozen=True)
class Offer:
    """What a server offers now: its tools by name, and those that cannot be called with the reason."""

    tools: Mapping[str, McpToolSeen] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def offer_of(definitions: Iterable[JsonValue]) -> Offer:
    """Return the tools of a server's list."""
    tools, left_out = dict[str, McpToolSeen](), list[str]()
    for definition in definitions:
        name = definition.get("name") if isinstance(definition, dict) else None
        if not isinstance(definition, dict) or not isinstance(name, str):
            left_out.append("a tool without a name")
            continue
        problem = _problem(name, definition)
        if problem is not None or name in tools:
            left_out.append(f"{name[:80]!r}: {problem or 'the name comes twice'}")
            continue
        tools[name] = _seen(name, definition)
    return Offer(tools, tuple(left_out))


def digest_of(definition: JsonObject) -> str:
    """Return what changes with any word of a definition."""
    pinned = {part: definition[part] for part in PINNED if definition.get(part) is not None}
    return hashlib.sha256(orjson.dumps(pinned, option=orjson.OPT_SORT_KEYS)).hexdigest()


def ensure_as_agreed(tool: McpTool, offer: Offer, *, name: str) -> None:
    """Raise McpCallError for a tool that the server describes in other words than were agreed to."""
    now = offer.tools.get(tool.name)
    if now is None:
        raise McpCallError(
            "denied", f"The server does not offer {name} any more, or not in a form that can be used."
        )
    if now.digest != tool.digest:
        raise McpCallError(
            "denied",
            f"The server has changed what it says of {name} since it was agreed to. It is refused until "
            "somebody who manages MCP servers checks the server, reads what is new, and agrees to it.",
        )


def ensure_arguments(tool: McpTool, arguments: JsonObject, *, name: str) -> None:
    """Raise McpCallError for arguments that do not fit the schema that was agreed to."""
    size = len(orjson.dumps(arguments))
    if size > MOST_ARGUMENT_BYTES:
        raise McpCallError(
            "invalid_input",
            f"{name}: the arguments have {size:,} bytes; at most {MOST_ARGUMENT_BYTES:,} are sent.",
        )
    found = schema_errors(tool.input_schema, arguments, limit=3)
    if found:
        said = "; ".join(
            f"{'.'.join(str(part) for part in error.absolute_path) or 'arguments'}: {error.message[:200]}"
            for error in found
        )
        raise McpCallError("invalid_input", f"{name}: {said}")


def result_of(answer: JsonObject, *, name: str) -> JsonValue:
    """Return what a tool has given: its structured content, else its text, else its blocks.

    Raises McpCallError when the tool says that it failed.
    """
    blocks = answer.get("content")
    if not isinstance(blocks, list):
        blocks = []
    texts = [text for text in map(_text_of, blocks) if text is not None]
    if answer.get("isError") is True:
        raise McpCallError("upstream", f"{name} failed: {' '.join(texts)[:_QUOTED] or 'it does not say why'}")
    structured = answer.get("structuredContent")
    if structured is not None:
        return structured
    if len(texts) == len(blocks):
        return "\n\n".join(texts)
    return list(blocks)


def ensure_shallow(value: JsonValue) -> None:
    """Raise McpCallError for what is nested deeper than anything that has to be read."""
    level: list[JsonValue] = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise McpCallError("invalid_output", f"The server's answer is nested deeper than {MOST_LEVELS} levels.")


def shortened(result: JsonValue) -> JsonValue:
    """Return a result as a model is shown it: the beginning of a long one, and how long it is."""
    text = result if isinstance(result, str) else orjson.dumps(result).decode()
    if len(text.encode()) <= MOST_SHOWN_BYTES:
        return result
    begins = text.encode()[:MOST_SHOWN_BYTES].decode("utf-8", "ignore")
    return {"begins": begins, "cut": f"the result has {len(text):,} characters in all"}


def _problem(name: str, definition: JsonObject) -> str | None:
    if _NAME.fullmatch(name) is None:
        return "its name has characters that documents cannot write"
    schema = definition.get("inputSchema")
    if not isinstance(schema, dict):
        return "it has no schema of its arguments"
    said = str(definition.get("description") or "")
    if len(said) > MOST_DESCRIPTION_CHARS:
        return f"its description has more than {MOST_DESCRIPTION_CHARS:,} characters"
    problem = schema_problem(schema)
    return None if problem is None else f"its schema cannot be used: {problem}"


def _seen(name: str, definition: JsonObject) -> McpToolSeen:
    schema = definition["inputSchema"]
    return McpToolSeen(
        name=name,
        digest=digest_of(definition),
        description=str(definition.get("description") or definition.get("title") or ""),
        input_schema=schema if isinstance(schema, dict) else {},
        suggested_effect=_suggested(definition.get("annotations")),
    )


def _suggested(annotations: JsonValue) -> Effect:
    if not isinstance(annotations, dict):
        return "once"
    if annotations.get("readOnlyHint") is True:
        return "none"
    return "idempotent" if annotations.get("idempotentHint") is True else "once"


def _text_of(block: JsonValue) -> str | None:
    if not isinstance(block, dict) or block.get("type") != "text":
        return None
    return str(block.get("text", ""))
