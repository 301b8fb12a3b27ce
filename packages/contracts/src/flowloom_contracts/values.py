"""Values too large to travel: a preview and a reference stand for them."""

from typing import Final

from pydantic import Field

from flowloom_contracts.base import JsonValue, Request, Response
from flowloom_contracts.runs import Actor

PREVIEW_BYTES: Final = 16_000
"""Values above this many bytes of JSON travel as preview and reference (wire section 3)."""

MAX_VALUE_BYTES: Final = 100 * 1024 * 1024
"""The largest output of a step."""

REF_PREFIX: Final = "sha256:"
"""A reference is the hash of the value's JSON, so that equal values are kept once."""

REF_PATTERN: Final = r"^sha256:[0-9a-f]{64}(\.[0-9]{1,6})?$"
"""A number behind the hash is a place in a list that is kept under it."""


class ValueQuery(Request):
    """Internal `runs/value`: one value of one run."""

    actor: Actor
    run_id: str
    ref: str = Field(pattern=REF_PATTERN)


class StoredValue(Response):
    """A value by its reference."""

    ref: str
    size: int = Field(description="Bytes of JSON.")
    value: JsonValue


class ValuePartQuery(Request):
    """Internal `runs/value-part`: a piece of a value's JSON, for values that are too large for one answer."""

    actor: Actor
    run_id: str
    ref: str = Field(pattern=REF_PATTERN)
    offset: int = Field(default=0, ge=0, description="Bytes before it.")
    limit: int = Field(default=4_000_000, ge=16, le=4_000_000, description="Bytes at most.")


class ValuePart(Response):
    """Whole characters of a value's JSON; the texts of all parts in a row are the value."""

    ref: str
    size: int = Field(description="Bytes of the whole.")
    text: str
    next_offset: int | None = Field(default=None, description="None: this was the last part.")
