"""What the user writes or draws: one document, one workflow."""

from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, Field, Tag

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document_parts import AgentDefinition, Defaults, Limits, Metadata, SecretName
from flowloom_contracts.step_fields import OnError, StepFields, Written, choice
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.approval import ApprovalStep
from flowloom_contracts.steps.code import CodeStep
from flowloom_contracts.steps.emit import EmitStep
from flowloom_contracts.steps.http import HttpStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_contracts.steps.loop import LoopStep
from flowloom_contracts.steps.stop import StopStep
from flowloom_contracts.steps.switch import SwitchStep
from flowloom_contracts.steps.tool import ToolStep
from flowloom_contracts.steps.transform import TransformStep
from flowloom_contracts.steps.wait import WaitStep
from flowloom_contracts.steps.workflow import WorkflowStep
from flowloom_contracts.triggers import Trigger

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
        return _KINDS[type(step)]
    fields = step if isinstance(step, dict) else {}
    return next((kind for kind in STEP_KINDS if kind in fields), "none")


Step: TypeAlias = Annotated[
    Annotated[AgentStep, Tag("<agent>")]
    | Annotated[LlmStep, Tag("<llm>")]
    | Annotated[ToolStep, Tag("<tool>")]
    | Annotated[HttpStep, Tag("<http>")]
    | Annotated[TransformStep, Tag("<transform>")]
    | Annotated[CodeStep, Tag("<code>")]
    | Annotated[SwitchStep, Tag("<switch>")]
    | Annotated[LoopStep, Tag("<loop>")]
    | Annotated[ApprovalStep, Tag("<approval>")]
    | Annotated[WaitStep, Tag("<wait>")]
    | Annotated[WorkflowStep, Tag("<workflow>")]
    | Annotated[EmitStep, Tag("<emit>")]
    | Annotated[StopStep, Tag("<stop>")],
    choice(kind_of),
]
"""The only list of the kinds this build can carry out; everything else is derived from it."""


def _models() -> dict[str, type[StepFields]]:
    members = (get_args(member) for member in get_args(get_args(Step)[0]))
    return {tag.tag.strip("<>"): model for model, tag in members}


STEP_MODELS: Final = _models()
"""The model of each kind, by its name."""

_KINDS: Final[dict[type[BaseModel], str]] = {model: kind for kind, model in STEP_MODELS.items()}

AVAILABLE_KINDS: Final = tuple(STEP_MODELS)

_HOLD_STEPS: Final[tuple[type[BaseModel], ...]] = (OnError, *STEP_MODELS.values())
for _model in _HOLD_STEPS:
    _model.model_rebuild(_types_namespace={"Step": Step})


class OnFailure(Written):
    """What happens once when the run fails or is cancelled."""

    do: dict[str, Step] = Field(min_length=1, max_length=1_000, description="`error` is in scope.")


class Workflow(Written):
    """A document of `flowloom/v1`."""

    api_version: Literal["flowloom/v1"] = Field(alias="apiVersion")
    kind: Literal["Workflow"]
    metadata: Metadata
    inputs: JsonObject | None = Field(default=None, description="JSON Schema 2020-12 of type object.")
    secrets: list[SecretName] = Field(
        default=[], max_length=100, description="Names of the secrets the document may use."
    )
    limits: Limits = Limits()
    defaults: Defaults = Defaults()
    agents: dict[str, AgentDefinition] = Field(
        default={}, max_length=100, description="Agents of this document, by name."
    )
    triggers: list[Trigger] = Field(
        default=[], max_length=50, description="What starts the workflow by itself."
    )
    steps: dict[str, Step] = Field(min_length=1, max_length=1_000)
    outputs: dict[str, JsonValue] = Field(
        default={}, max_length=200, description="Evaluated when the run succeeds."
    )
    on_failure: OnFailure | None = Field(
        default=None, description="Steps that run once when the run fails or is cancelled."
    )
