"""How a step type presents itself: what palette, canvas and inspector show of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from flowloom_contracts.base import JsonObject

Category: TypeAlias = Literal["ai", "data", "connect", "flow", "people"]
Size: TypeAlias = Literal["small", "medium", "large", "container"]
"""How much room the card needs on the canvas; a container holds the cards of other steps."""

Widget: TypeAlias = Literal[
    "text",
    "textarea",
    "number",
    "toggle",
    "select",
    "list",
    "mapping",
    "object",
    "value",
    "condition",
    "duration",
    "time",
    "url",
    "code",
    "json_schema",
    "agent",
    "model",
    "tool",
    "tools",
    "workflow",
    "collection",
    "collections",
    "recipients",
    "error_codes",
    "topic",
    "cases",
    "step",
    "steps",
    "step_ids",
]
"""What edits a field in the inspector."""

ANYTHING: Final[JsonObject] = {}
TEXT: Final[JsonObject] = {"type": "string"}


@dataclass(frozen=True, slots=True)
class ExtraPort:
    """A way out of a step beside the usual one; `each_of` is the list that has one such port an entry."""

    id: str
    title: str
    role: Literal["case", "body"]
    written_to: str
    each_of: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The face of one step type. `icon` is a name of Tabler's icons, `example` a step that is valid as it is.

    `output` is the JSON Schema of what the step gives; where the field `output_from` is written, that is it.
    `widgets` names the editor of a field by its path, where the field's schema does not say enough.
    """

    title: str
    icon: str
    category: Category
    synonyms: tuple[str, ...]
    example: JsonObject
    output: JsonObject = field(default_factory=dict)
    output_from: str | None = None
    size: Size = "medium"
    ports: tuple[ExtraPort, ...] = ()
    ends_run: bool = False
    widgets: Mapping[str, Widget] = field(default_factory=dict)


COMMON_WIDGETS: Final[Mapping[str, Widget]] = {
    "description": "textarea",
    "needs": "step_ids",
    "if": "condition",
    "retry.on": "error_codes",
    "on_error.on": "error_codes",
    "on_error.do": "steps",
    "on_error.output": "value",
    "undo": "step",
}
"""Editors of the fields that stand beside every kind."""
