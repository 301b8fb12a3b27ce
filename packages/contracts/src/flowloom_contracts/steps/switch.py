"""The `switch` step: choose which steps run next."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, Tag

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import Card, ExtraPort
from flowloom_contracts.step_fields import Condition, StepFields, Texts, Written, choice


class WhenCase(Written):
    """Chosen when its condition is the first that holds."""

    when: Condition
    then: Texts = Field(description="The step or steps that run.")


class ElseCase(Written):
    """Chosen when no condition holds; only as the last case."""

    otherwise: Texts = Field(alias="else", description="The step or steps that run.")


def _case(value: JsonValue) -> Literal["when", "else"]:
    has_else = "else" in value if isinstance(value, dict) else isinstance(value, ElseCase)
    return "else" if has_else else "when"


Case: TypeAlias = Annotated[
    Annotated[WhenCase, Tag("<when>")] | Annotated[ElseCase, Tag("<else>")], choice(_case)
]


class SwitchStep(StepFields):
    """Choose the steps that run; its output is `{chosen: [ids]}`."""

    CARD: ClassVar[Card] = Card(
        title="Switch",
        icon="arrows-split-2",
        category="flow",
        synonyms=("if", "else", "branch", "condition", "router", "decide", "case"),
        example={"switch": [{"when": "${inputs.urgent}", "then": "now"}, {"else": "later"}]},
        output={
            "type": "object",
            "properties": {"chosen": {"type": "array", "items": {"type": "string"}}},
            "required": ["chosen"],
        },
        ports=(ExtraPort("case", "Case", "case", written_to="switch.*.then", each_of="switch"),),
        widgets={
            "switch": "cases",
            "switch.*.when": "condition",
            "switch.*.then": "step_ids",
            "switch.*.else": "step_ids",
        },
    )

    switch: list[Case] = Field(
        min_length=1, max_length=200, title="Switch", description="The first case that holds wins."
    )
