"""The `http` step: one request to an address outside."""

import re
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import Card
from flowloom_contracts.step_fields import (
    StepFields,
    TemplatedMapping,
    TemplateText,
    Written,
    choice,
    holds_template,
)

HTTP_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_STATUSES: Final = re.compile(r"[1-5](?:[0-9]{2}|xx)(?:-[1-5][0-9]{2})?", re.ASCII)


def _check_statuses(text: str) -> str:
    first, _, last = text.partition("-")
    if not _STATUSES.fullmatch(text) or (last and (first.endswith("xx") or first > last)):
        raise PydanticCustomError(
            "bad_statuses", "{text} is no status: write 200, 2xx or 200-299.", {"text": repr(text)[:40]}
        )
    return text


def _method(value: JsonValue) -> str:
    return "template" if holds_template(value) else "value"


def _statuses(value: JsonValue) -> str:
    if holds_template(value):
        return "template"
    return {int: "number", list: "many"}.get(type(value), "text")


Method: TypeAlias = Annotated[
    Annotated[Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], Tag("<value>")]
    | TemplateText,
    choice(_method),
]
Status: TypeAlias = Annotated[int, Field(ge=100, le=599)]
Statuses: TypeAlias = Annotated[
    str,
    AfterValidator(_check_statuses),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[1-5]([0-9]{2}|xx)(-[1-5][0-9]{2})?$",
            "examples": ["2xx", "200-299"],
        }
    ),
]
OneStatus: TypeAlias = Annotated[
    Annotated[Status, Tag("<number>")] | Annotated[Statuses, Tag("<text>")] | TemplateText, choice(_statuses)
]
Expected: TypeAlias = Annotated[
    Annotated[Status, Tag("<number>")]
    | Annotated[Statuses, Tag("<text>")]
    | Annotated[list[OneStatus], Field(min_length=1, max_length=50), Tag("<many>")]
    | TemplateText,
    choice(_statuses),
]


class Http(Written):
    """One request."""

    method: Method = Field(default="GET", description="Upper case.")
    url: str = Field(min_length=1, max_length=8_000, description="With http:// or https://; no secrets here.")
    headers: TemplatedMapping = Field(default={}, description="By name; secrets are allowed here.")
    query: TemplatedMapping = Field(
        default={}, description="Appended to the address; a list repeats its name. Secrets are allowed here."
    )
    body: JsonValue = Field(
        default=None,
        description="Text is sent as it is, everything else as JSON, null not at all; may hold secrets.",
    )
    expect: Expected = Field(
        default="200-299", description="Statuses that are a success: 200, 2xx, 200-299, or a list of them."
    )
    parse: Literal["auto", "json", "text"] = Field(
        default="auto", description="How the answer's body is read; auto looks at its content type."
    )


class HttpStep(StepFields):
    """Send an HTTP request; its output is `{status, headers, body}`."""

    CARD: ClassVar[Card] = Card(
        title="HTTP request",
        icon="world-www",
        category="connect",
        synonyms=("api", "rest", "request", "fetch", "curl", "webhook", "url", "get", "post"),
        example={"http": {"url": "https://example.com/"}},
        output={
            "type": "object",
            "properties": {
                "status": {"type": "integer"},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                "body": {},
            },
            "required": ["status", "headers", "body"],
        },
        widgets={
            "http.method": "select",
            "http.url": "url",
            "http.headers": "mapping",
            "http.query": "mapping",
            "http.body": "value",
            "http.expect": "text",
        },
    )

    http: Http = Field(title="HTTP", description="The request.")
