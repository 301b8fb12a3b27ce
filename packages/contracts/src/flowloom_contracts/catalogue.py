"""The catalogue of step types, from which palette, canvas and inspector are drawn."""

from typing import Literal

from pydantic import Field

from flowloom_contracts.base import JsonObject, Response
from flowloom_contracts.cards import Category, Size


class StepPort(Response):
    """A place of a card where a connection begins or ends."""

    id: str = Field(description="Unique on the card.", examples=["out"])
    direction: Literal["in", "out"]
    role: Literal["flow", "case", "body", "error"] = Field(
        description="`flow` is the usual order, `case` a branch, `body` what is inside, `error` the recovery."
    )
    title: str
    carries: JsonObject = Field(description="JSON Schema of the value; an empty one is any value.")
    carries_from: str | None = Field(
        default=None,
        description="Field of the step with the JSON Schema of the value; where it is written, it counts.",
    )
    written_to: str = Field(
        description="Where the document says it: `needs` of the step at the other end, else a field of this."
    )
    each_of: str | None = Field(
        default=None, description="The list of this step that has one such port for each entry."
    )


class StepType(Response):
    """One kind of step: how it looks, what connects to it, and what a person fills in."""

    kind: str = Field(description="The key of the document.", examples=["agent"])
    title: str = Field(examples=["Agent"])
    description: str
    icon: str = Field(description="Name of one of Tabler's icons.", examples=["robot"])
    category: Category
    category_title: str
    synonyms: list[str] = Field(description="Words that also find it.")
    size: Size
    available: bool = Field(description="Whether this server can carry it out.")
    unavailable_reason: str | None = None
    ports: list[StepPort]
    json_schema: JsonObject = Field(
        description=(
            "JSON Schema 2020-12 of the step, without references. `x-ui` of a field has `group` and `order`, "
            "`widget` where the type does not say enough, and `template: true` where `${…}` may stand."
        )
    )
    example: JsonObject = Field(description="A step that is valid as it is: what a new card begins with.")


class StepGroup(Response):
    """A part of the inspector's form."""

    id: str
    title: str
    folded: bool = Field(description="Closed until somebody opens it.")


class StepTypeList(Response):
    """Every kind of step, in the order of the language."""

    language: Literal["en", "de"] = Field(description="The language of the texts.")
    groups: list[StepGroup]
    items: list[StepType]
