"""The public description of the interface: what FastAPI cannot know of its routes."""

from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.errors import (
    FlowloomError,
    ForbiddenError,
    PayloadTooLargeError,
    RequestTimeoutError,
    StorageUnavailableError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)
from flowloom_servicekit.openapi import OpenApi, add_problems, operations
from gateway.domain.rate_limits import TooManyRequestsError
from gateway.openapi_examples import Examples
from gateway.routes.guards import api_key

JSON: Final = "application/json"
TAGS: Final = {
    "auth": "Sign in, stay signed in, sign out.",
    "workflows": "Documents: drafts, their problems, and what they can be made of.",
    "versions": "Published versions: they never change.",
    "runs": "Runs: start, follow, steer, repeat.",
    "approvals": "What people are asked.",
    "triggers": "What starts workflows by itself: schedules, webhooks, events.",
    "rules": "What no workflow of the workspace may do.",
    "budgets": "What the workspace may use, and what is used of it.",
    "secrets": "Values that workflows use and nobody reads.",
    "api-keys": "Keys for programs.",
    "workspaces": "Workspaces, their members and roles.",
    "models": "Models and what they cost.",
    "mcp-servers": "Servers whose tools workflows may call.",
    "usage": "What was used, and what it cost.",
    "notifications": "What people are told, and how.",
    "settings": "What a person prefers, and what a workspace has decided.",
    "stats": "The dashboard's figures.",
    "client-errors": "Errors of the page.",
    "evaluation": "Evaluations: cases, runs of a workflow over them, two versions compared.",
    "memory": "What is known: collections, documents, searches.",
    "chat": "Conversations with agents and workflows; every answer is a run.",
    "agents": "The agents that carry out steps, and how they are.",
    "templates": "Workflows to begin with.",
    "audit": "What was done in the workspace; nobody can change it.",
}
DESCRIPTION: Final = """\
Everything the Flowloom page does, it does through this interface.

**Credentials.** Send an access token as `Authorization: Bearer …`, or an API key as `X-API-Key: flk_…`.

**Failures** are `application/problem+json` (RFC 9457). Switch on `type`, never on text;
`trace_id` finds the log.

**Lists** are pages: `?limit=` and the `next_cursor` of the page before as `?cursor=`.

**Documents** carry an `ETag`: send it as `If-Match` when you change one. Every JSON answer to a GET carries
one: send it as `If-None-Match` when you ask again, and 304 says that what you have is still right.

**Starting something** twice does it once when both requests carry the same `Idempotency-Key`, for
24 hours.

**Limits.** `RateLimit` says what is left, `RateLimit-Policy` what there is; after a 429 wait for
`Retry-After`.

**Streams.** `GET /v1/runs/{run_id}/stream` follows a run as server-sent events. The same over one connection:
Socket.IO at `/socket.io`, or a plain WebSocket at `/v1/ws` with the subprotocol `flowloom.v1`.
"""
_BODY_PROBLEMS: Final = (PayloadTooLargeError, UnsupportedMediaTypeError, RequestTimeoutError)
_SIGNED_IN_PROBLEMS: Final = (UnauthenticatedError, ForbiddenError, StorageUnavailableError)
_KNOWN: Final = "What you have, and named in `If-None-Match`, is still right."
_OTHERWISE: Final = "Any other failure; 500 says nothing but a `trace_id`."

HEADERS: Final[dict[str, JsonObject]] = {
    "ETag": {"description": "Names this state of the document.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": 'What is left, as in `"user";r=59;t=1`.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'What there is, as in `"user";q=60;w=1`.',
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "X-Request-ID": {"description": "Finds the request in the logs.", "schema": {"type": "string"}},
}


def describe(schema: OpenApi) -> None:
    """Complete the description in place."""
    schema["info"]["description"] = DESCRIPTION
    schema["servers"] = [{"url": "/", "description": "This server."}]
    used = {tag for _, operation in operations(schema) for tag in operation.get("tags", [])}
    schema["tags"] = [
        {"name": tag, "description": TAGS.get(tag, "")} for tag in (*TAGS, *sorted(used - set(TAGS)))
    ]
    schema["components"]["headers"] = HEADERS
    examples = Examples(schema["components"]["schemas"])
    _add_keys(schema)
    for reads in (item["get"] for item in schema["paths"].values() if "get" in item):
        _add_known(reads)
    for _, operation in operations(schema):
        operation["tags"] = list(dict.fromkeys(operation.get("tags", [])))
        add_problems(operation, _usual_problems(operation))
        operation["responses"]["default"] = {"description": _OTHERWISE}
        _add_headers(operation)
        _add_examples(operation, examples)


def _add_keys(schema: OpenApi) -> None:
    """Say that wherever an access token passes an API key does: one dependency reads both."""
    model = api_key.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    schema["components"]["securitySchemes"][api_key.scheme_name] = model
    for _, operation in operations(schema):
        if operation.get("security"):
            operation["security"].append({api_key.scheme_name: []})


def _usual_problems(operation: OpenApi) -> list[type[FlowloomError]]:
    found: list[type[FlowloomError]] = [TooManyRequestsError]
    if operation.get("security"):
        found += _SIGNED_IN_PROBLEMS
    if "requestBody" in operation:
        found += _BODY_PROBLEMS
    return found


def _add_known(operation: OpenApi) -> None:
    """Say of a GET that answers JSON what the answer is where the client has it."""
    if JSON in operation["responses"].get("200", {}).get("content", {}):
        operation["responses"].setdefault("304", {"description": _KNOWN})


def _add_headers(operation: OpenApi) -> None:
    parameters = {parameter["name"].lower() for parameter in operation.get("parameters", [])}
    for status, response in operation["responses"].items():
        names = ["X-Request-ID", "RateLimit", "RateLimit-Policy"] if status < "300" else []
        if status in ("429", "503"):
            names.append("Retry-After")
        if status in ("200", "304") and ("304" in operation["responses"] or "if-match" in parameters):
            names.append("ETag")
        if names:
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _add_examples(operation: OpenApi, examples: Examples) -> None:
    bodies = [operation.get("requestBody", {})]
    bodies += [response for status, response in operation["responses"].items() if status < "300"]
    for body in bodies:
        content = body.get("content", {}).get(JSON)
        if content is not None and not content.keys() & {"example", "examples"}:
            content["example"] = examples.of(content.get("schema", {}))
