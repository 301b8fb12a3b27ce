"""The base classes that say which way a model travels, and the names of a user's own JSON."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict
from pydantic import JsonValue as PydanticJsonValue

JsonValue: TypeAlias = PydanticJsonValue
"""Any JSON value of the user's."""

JsonObject: TypeAlias = dict[str, PydanticJsonValue]
"""A JSON object of the user's: inputs, outputs, a schema."""

JsonArray: TypeAlias = Sequence[PydanticJsonValue]
JsonMapping: TypeAlias = Mapping[str, PydanticJsonValue]


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
