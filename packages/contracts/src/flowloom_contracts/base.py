"""The base classes that say which way a model travels, and the names of a user's own JSON."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Strict
from pydantic import JsonValue as PydanticJsonValue

JsonValue: TypeAlias = PydanticJsonValue
"""Any JSON value of the user's."""

JsonObject: TypeAlias = dict[str, PydanticJsonValue]
"""A JSON object of the user's: inputs, outputs, a schema."""

JsonArray: TypeAlias = Sequence[PydanticJsonValue]
JsonMapping: TypeAlias = Mapping[str, PydanticJsonValue]

Flag: TypeAlias = Annotated[bool, Strict()]
"""True or false in what comes in: no 1 and no "yes", as the schema says."""


def _no_number(value: object) -> object:
    """Refuse what Pydantic would read as seconds since 1970, also where it is written as text."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.replace(".", "", 1).isdecimal()):
        raise ValueError("write it as RFC 3339 does: 2026-01-31 for a day, 2026-01-31T12:00:00Z for a time")
    return value


Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_no_number)]
"""A time in what comes in, as RFC 3339 writes it, with its offset."""

Day: TypeAlias = Annotated[date, BeforeValidator(_no_number)]
"""A day in what comes in, as RFC 3339 writes it."""


class Request(BaseModel):
    """Travels in: an unknown field is a typo and refused."""

    # What is read by an alias is also written by it: internal calls write what the other side reads.
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Response(BaseModel):
    """Travels out: unknown fields are ignored, so that old readers survive new writers."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)


class Event(BaseModel):
    """Travels out over a topic or a stream; read like a response."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)


class Document(BaseModel):
    """Saved and loaded again: both ways, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def without_absent(model: BaseModel) -> JsonObject:
    """Return a model as JSON data without its fields that are None (wire: absent, not null)."""
    return model.model_dump(mode="json", exclude_none=True)
