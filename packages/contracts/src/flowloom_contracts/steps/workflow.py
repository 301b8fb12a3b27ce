"""The `workflow` step: a run of another workflow."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from flowloom_contracts.cards import ANYTHING, Card
from flowloom_contracts.step_fields import StepFields, TemplatedMapping

CALLED_PATTERN: Final = "^[a-z][a-z0-9]*(-[a-z0-9]+)*(@[1-9][0-9]{0,8})?$"
"""`NAME`, or `NAME@VERSION`."""


class WorkflowStep(StepFields):
    """Run another workflow; its output is that run's outputs, or `{run_id}`."""

    CARD: ClassVar[Card] = Card(
        title="Workflow",
        icon="sitemap",
        category="flow",
        synonyms=("sub-workflow", "call", "child", "reuse", "nested"),
        example={"workflow": "my-workflow", "inputs": {}},
        output=ANYTHING,
        widgets={"workflow": "workflow", "inputs": "mapping"},
    )

    workflow: str = Field(
        max_length=80,
        pattern=CALLED_PATTERN,
        title="Workflow",
        description="NAME, its published version, or NAME@VERSION.",
    )
    inputs: TemplatedMapping = Field(default={}, description="The inputs of that run.")
    mode: Literal["wait", "detach"] = Field(
        default="wait", description="`detach` goes on at once; the output is `{run_id}`."
    )

    @property
    def name(self) -> str:
        """The workflow's name without the version."""
        return self.workflow.partition("@")[0]

    @property
    def version(self) -> int | None:
        """The version, if one is written."""
        written = self.workflow.partition("@")[2]
        return int(written) if written else None
