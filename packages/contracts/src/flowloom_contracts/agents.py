"""What agents and the orchestrator say to each other while a step runs."""

from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from flowloom_contracts.base import Document, JsonObject, JsonValue, Request, Response
from flowloom_contracts.runs import StepError, Usage

LEASE_SECONDS: Final = 8
"""How long a claim lives without a heartbeat."""

HEARTBEAT_SECONDS: Final = 2
"""How often a worker renews its claim."""

MAX_REASKS: Final = 2
"""How often a failed check re-asks inside one attempt before it ends with `invalid_output`."""


class MemoryUse(Document):
    """What a step reads from memory before it asks, and where its answer is kept."""

    read: list[str] = Field(default=[], description="Collections to search with the prompt.")
    top: int = Field(default=3, ge=1, le=20, description="How many notes to read.")
    write: str | None = Field(default=None, description="Collection that keeps the answer.")


class StepTask(Document):
    """One attempt of an `agent` or `llm` step, its templates already evaluated."""

    kind: Literal["agent", "llm"]
    agent: str | None = None
    prompt: str
    system: str | None = None
    output_schema: JsonObject | None = None
    model: str | None = Field(default=None, description="None: the default model.")
    temperature: float | None = None
    max_tokens: int | None = None
    tools: list[str] | None = Field(default=None, description="None: what the agent's file lists.")
    memory: MemoryUse | None = None
    timeout_s: float


class RunStepInput(Request):
    """Input of the activity `run_step`, in agents and in the orchestrator."""

    run_id: str
    step: str
    attempt: int


class RunStepOutcome(Response):
    """What the activity returns to the engine: nothing larger than 8 kB."""

    status: Literal["done", "refused", "superseded", "stopped"]
    digest: str = ""


class ClaimStep(Request):
    """`steps/claim`: take the lease of one attempt."""

    run_id: str
    step: str
    attempt: int
    worker: str = Field(description="Stable name of the worker, its app-id and instance.")
    boot_id: str = Field(description="Changes with each start of that process.")


class StepClaim(Response):
    """Exactly one of `exec`+`task`, `done`, `refused` or `retry_after_s` is given."""

    exec: int | None = None
    lease_s: float = LEASE_SECONDS
    deadline_at: datetime | None = None
    task: StepTask | None = None
    workspace_id: str | None = None
    done: bool = False
    refused: str | None = None
    retry_after_s: float | None = Field(
        default=None, description="Another worker holds a live lease: ask again after this."
    )


class Heartbeat(Request):
    """`steps/heartbeat`, every two seconds."""

    run_id: str
    step: str
    exec: int
    tokens_so_far: int = 0


class HeartbeatAnswer(Response):
    """Go on, or stop and why."""

    ok: bool
    stop: Literal["cancelled", "superseded", "deadline"] | None = None


class CompleteStep(Request):
    """`steps/complete`: how the attempt ended. `text` is the model's answer as it came."""

    run_id: str
    step: str
    exec: int
    status: Literal["succeeded", "failed"]
    text: str | None = None
    error: StepError | None = None
    usage: Usage = Usage()
    reasks: int = Field(default=0, description="How often this attempt was re-asked already.")
    check_only: bool = Field(
        default=False,
        description="Only judge `text`, change nothing: a worker that writes an accepted answer to memory"
        " asks first, writes with an idempotent effect key, then completes; a crash in between repeats"
        " harmlessly.",
    )


class StepCompletion(Response):
    """How the orchestrator took it.

    `reask`: a check failed and re-asks are left, ask the model again with `reason`. `rejected` (only for
    `check_only`): it will not do and no re-ask is left; complete with the same text to end the attempt.
    `output` is the parsed value when accepted.
    """

    outcome: Literal["accepted", "superseded", "reask", "rejected"]
    reason: str | None = None
    output: JsonValue = None


class BeginCall(Request):
    """`calls/begin`: announce a model or tool call before it is made."""

    run_id: str
    step: str
    attempt: int
    exec: int
    call: int = Field(ge=0, description="Number of the call within the attempt, from 0.")
    name: str
    request_hash: str
    effect: Literal["none", "idempotent", "once"] = "none"


class CallBegun(Response):
    """`replay`: this call was made before, here is its answer. `go`: make it. `uncertain`: unknown."""

    outcome: Literal["go", "replay", "uncertain", "superseded"]
    response: JsonValue = None
    usage: Usage = Usage()
    effect_key: str = ""


class EndCall(Request):
    """`calls/end`: keep the answer of a call."""

    run_id: str
    step: str
    attempt: int
    exec: int
    call: int
    request_hash: str
    response: JsonValue
    usage: Usage = Usage()
    duration_ms: int = 0


class CallEnded(Response):
    """Whether the answer was kept; `superseded`: another worker holds the step now."""

    outcome: Literal["kept", "superseded"]


class AgentCard(Response):
    """What an agent says of itself (`GET /v1/card`)."""

    name: str
    role: str
    goal: str
    tools: list[str]
    state: Literal["idle", "busy"]
    running: int = 0
