"""What the gateway hands over when a run starts: a frozen document and all that it stands on."""

from typing import Literal

from pydantic import Field

from flowloom_contracts.base import JsonObject, JsonValue, Request
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.runs import Actor, Spending, StepRef, WorkflowRef


class StartRun(Request):
    """Internal `runs/start`: store a run durably."""

    actor: Actor
    workflow: WorkflowRef
    version: int | Literal["draft"]
    source: str = Field(description="The frozen document, byte for byte.")
    inputs: JsonObject
    agents: dict[str, AgentDefinition] = Field(
        default={}, description="The workspace's own agents that the document may name, as they are now."
    )
    idempotency_key: str | None = Field(default=None, max_length=255)
    request_hash: str = Field(description="SHA-256 of the body; the same key with another hash is a 409.")
    priority: int = 0
    budget: Spending | None = None
    until_step: str | None = None
    from_: StepRef | None = Field(default=None, alias="from")
    pins: dict[str, JsonValue] = {}
    trigger: JsonValue = Field(default=None, description="What expressions see as `run.trigger`.")
    parent: StepRef | None = Field(default=None, description="The step of the run that started this one.")
    detached: bool = False
    depth: int = Field(default=0, description="How many runs stand above this one.")
    is_private: bool = Field(default=False, description="Nobody but the actor may see the run.")
    under: list[str] = Field(default=[], description="The workflows of the runs that stand above this one.")
