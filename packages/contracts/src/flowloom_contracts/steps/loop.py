"""The `loop` step: the same steps for every item of a list, or until a condition holds."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import Field, Tag

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import ANYTHING, Card, ExtraPort
from flowloom_contracts.step_fields import (
    ID_PATTERN,
    Condition,
    StepFields,
    TemplateText,
    Written,
    choice,
    holds_template,
)

if TYPE_CHECKING:
    from flowloom_contracts.workflow import Step

MAX_LOOP: Final = 10_000
"""The most items or rounds of a loop, and what an unwritten `max` means."""


def _count(value: JsonValue) -> str:
    return "template" if holds_template(value) else "value"


Count: TypeAlias = Annotated[
    Annotated[int, Field(ge=1, le=MAX_LOOP), Tag("<value>")] | TemplateText, choice(_count)
]


def _over(value: JsonValue) -> str:
    return "items" if isinstance(value, list) else "template"


Over: TypeAlias = Annotated[
    TemplateText | Annotated[list[JsonValue], Field(max_length=MAX_LOOP), Tag("<items>")], choice(_over)
]


class LoopOver(Written):
    """Once for each item of a list."""

    over: Over = Field(description="The list.")
    variable: str = Field(
        default="item", alias="as", pattern=ID_PATTERN, description="The item's name inside the loop."
    )
    parallel: Count = Field(default=1, description="How many items are worked on at the same time.")
    max: Count | None = Field(default=None, description="More items are an error (loop_limit).")
    on_item_error: Literal["fail", "collect"] = Field(
        default="fail",
        description="`collect` keeps `{error: {code, message}}` in the place of an item that failed.",
    )


class LoopUntil(Written):
    """Again and again until a condition holds."""

    until: Condition = Field(description="Looked at after each round; it sees the steps of the round.")
    max: Count | None = Field(default=None, description="The most rounds.")
    on_max: Literal["fail", "accept"] = Field(
        default="fail", description="`accept` keeps the output of the last round."
    )


def _form(value: JsonValue) -> Literal["until", "over"]:
    is_until = "until" in value if isinstance(value, dict) else isinstance(value, LoopUntil)
    return "until" if is_until else "over"


Loop: TypeAlias = Annotated[
    Annotated[LoopOver, Tag("<over>")] | Annotated[LoopUntil, Tag("<until>")], choice(_form)
]


class LoopStep(StepFields):
    """Repeat steps; its output is the list of the items' outputs, or the output of the last round."""

    CARD: ClassVar[Card] = Card(
        title="Loop",
        icon="repeat",
        category="flow",
        synonyms=("for each", "iterate", "repeat", "while", "until", "map", "batch", "parallel"),
        example={
            "loop": {"over": "${inputs.items}"},
            "do": {"one": {"transform": "${item}"}},
            "output": "${one}",
        },
        output=ANYTHING,
        size="container",
        ports=(ExtraPort("do", "Each round", "body", written_to="do"),),
        widgets={
            "loop.over": "value",
            "loop.until": "condition",
            "do": "steps",
            "output": "value",
        },
    )

    loop: Loop = Field(title="Loop", description="What it repeats for: `over` a list, or `until` it is done.")
    do: dict[str, "Step"] = Field(min_length=1, description="The steps of one item or round.")
    output: JsonValue = Field(
        default=None, description="The output of one item or round, in terms of its steps."
    )
