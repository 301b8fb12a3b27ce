"""Messages of JSON-RPC 2.0 as MCP servers send them, and what is answered to their own questions."""

from typing import Final

import orjson

from flowloom_contracts.base import JsonObject, JsonValue
from orchestrator.domain.mcp import McpCallError

MESSAGE_BYTES: Final = 8_000_000
CANNOT: Final = -32601


class SessionGoneError(Exception):
    """The server does not know the session any more; `lost` is what became of a call that may be repeated."""

    def __init__(self, lost: McpCallError | None = None) -> None:
        super().__init__()
        self.lost = lost


def parsed(data: bytes) -> list[JsonObject]:
    """Return the messages of one piece of JSON; raises McpCallError for what is none."""
    try:
        value: JsonValue = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise McpCallError("invalid_output", f"The server's answer is not JSON: {error}") from error
    found = value if isinstance(value, list) else [value]
    messages = [one for one in found if isinstance(one, dict) and one.get("jsonrpc") == "2.0"]
    if len(messages) != len(found):
        raise McpCallError("invalid_output", "The server's answer is not a message of JSON-RPC 2.0.")
    return messages


def reply(question: JsonObject) -> JsonObject:
    """Return the answer to a question of the server: we are there, and offer nothing else."""
    answer: JsonObject = {"jsonrpc": "2.0", "id": question["id"]}
    if question["method"] == "ping":
        return answer | {"result": {}}
    return answer | {"error": {"code": CANNOT, "message": "This client offers nothing of the kind."}}
