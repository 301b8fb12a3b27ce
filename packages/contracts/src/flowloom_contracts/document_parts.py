"""The parts of a workflow document around its steps: names, limits, defaults, agents."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, Tag, model_validator

from flowloom_contracts.base import JsonValue
from flowloom_contracts.step_fields import ID_PATTERN, Duration, Retry, Written, choice, require_one, says_one

AGENT_KINDS = ("research", "analysis", "implementation", "qa")

SecretName: TypeAlias = Annotated[str, Field(pattern=ID_PATTERN)]


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


class CheaperModel(Written):
    """Go on with another model."""

    model: str = Field(min_length=1, max_length=128)


def _word_or_model(value: JsonValue) -> str:
    return "word" if isinstance(value, str) else "model"


OnReach: TypeAlias = Annotated[
    Annotated[Literal["ask", "fail"], Tag("<word>")] | Annotated[CheaperModel, Tag("<model>")],
    choice(_word_or_model),
]


class RunBudget(Written):
    """What one run may use."""

    model_config = says_one(("tokens", "usd", "seconds"))

    tokens: int | None = Field(default=None, ge=1, le=10**12, description="Of all model calls.")
    usd: float | None = Field(default=None, gt=0, le=1_000_000, description="What all model calls may cost.")
    seconds: float | None = Field(
        default=None, gt=0, le=366 * 86_400, description="How long all steps together may work."
    )
    on_reach: OnReach = Field(
        default="ask", description="`ask` a person, `fail` the step, or go on with a cheaper `{model: NAME}`."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        require_one(self, ("tokens", "usd", "seconds"))
        return self


class Concurrency(Written):
    """How many runs go on at the same time."""

    key: str | None = Field(
        default=None, min_length=1, description="Counted for each value. Default: the whole workflow."
    )
    max: int = Field(default=1, ge=1, le=10_000, description="Runs at the same time.")
    on_full: Literal["queue", "reject", "cancel_oldest"] = Field(
        default="queue", description="What happens with one more."
    )


class Limits(Written):
    """What a run may use, and how many there may be."""

    budget: RunBudget | None = Field(default=None, description="What one run may use.")
    timeout: Duration | None = Field(default=None, description="Of the whole run.")
    concurrency: Concurrency | None = Field(default=None, description="Runs at the same time.")


class AgentDefinition(Written):
    """An agent of a document or of a workspace, in CrewAI's field names."""

    kind: Literal["research", "analysis", "implementation", "qa"] = Field(
        description="The service that carries its steps out."
    )
    role: str = Field(min_length=1, max_length=2_000)
    goal: str = Field(min_length=1, max_length=5_000)
    backstory: str = Field(default="", max_length=10_000)
    tools: list[str] | None = Field(
        default=None, max_length=100, description="Default: those of its kind; an empty list: none."
    )
    model: str | None = Field(default=None, min_length=1, max_length=128)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
