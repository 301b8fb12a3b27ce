"""What the user writes or draws: one document, one workflow."""

from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, Field, Tag

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.step_fields import Duration, Retry, StepFields, Written, choice
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_contracts.steps.switch import SwitchStep
from flowloom_contracts.steps.transform import TransformStep
from flowloom_contracts.steps.wait import WaitStep

API_VERSION: Final = "flowloom/v1"

STEP_KINDS: Final = (
    "agent",
    "llm",
    "tool",
    "http",
    "transform",
    "code",
    "switch",
    "loop",
    "approval",
    "wait",
    "workflow",
    "emit",
    "stop",
)
"""Every kind of the language, in the order of its document."""


def kind_of(step: JsonValue | BaseModel) -> str:
    """Return a step's kind: the one field of it that is named like a kind (the first if several)."""
    if isinstance(step, BaseModel):
        return next(kind for kind in AVAILABLE_KINDS if kind in type(step).model_fields)
    fields = step if isinstance(step, dict) else {}
    return next((kind for kind in STEP_KINDS if kind in fields), "none")


Step: TypeAlias = Annotated[
    Annotated[AgentStep, Tag("<agent>")]
    | Annotated[LlmStep, Tag("<llm>")]
    | Annotated[TransformStep, Tag("<transform>")]
    | Annotated[SwitchStep, Tag("<switch>")]
    | Annotated[WaitStep, Tag("<wait>")],
    choice(kind_of),
]
"""The only list of the kinds this build can carry out; everything else is derived from it."""


def _models() -> dict[str, type[StepFields]]:
    members = (get_args(member) for member in get_args(get_args(Step)[0]))
    return {tag.tag.strip("<>"): model for model, tag in members}


STEP_MODELS: Final = _models()
"""The model of each kind, by its name."""

AVAILABLE_KINDS: Final = tuple(STEP_MODELS)


class Metadata(Written):
    """How the workflow is called and found."""

    name: str = Field(
        max_length=63, pattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$", description="Unique in the workspace."
    )
    title: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=5_000)
    labels: dict[str, str] = Field(default={}, max_length=50)


class Defaults(Written):
    """What steps use that say nothing."""

    retry: Retry | None = None
    timeout: Duration | None = None
    model: str | None = Field(default=None, min_length=1)


class Workflow(Written):
    """A document of `flowloom/v1`."""

    api_version: Literal["flowloom/v1"] = Field(alias="apiVersion")
    kind: Literal["Workflow"]
    metadata: Metadata
    inputs: JsonObject | None = Field(default=None, description="JSON Schema 2020-12 of type object.")
    defaults: Defaults = Defaults()
    steps: dict[str, Step] = Field(min_length=1, max_length=1_000)
    outputs: dict[str, JsonValue] = Field(
        default={}, max_length=200, description="Evaluated when the run succeeds."
    )
