"""What agents and the orchestrator say to each other while a step runs."""

from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from flowloom_contracts.base import Document, JsonObject, JsonValue, Request, Response
from flowloom_contracts.memory import AGENT_ROLE
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


class AgentProfile(Document):
    """An agent that a document or workspace defines: one of the four kinds with its own words and tools."""

    name: str
    role: str
    goal: str
    backstory: str = ""
    tools: list[str] | None = Field(default=None, description="None: what the kind's own file lists.")


class SecretPlace(Document):
    """Where the worker puts a secret into the task: a text's path in it and the place in that text.

    Places stand beside the values, so that no value of a user can pretend to be one.
    """

    path: list[str | int] = Field(description="From the task's root, as `http`, `headers`, `Authorization`.")
    offset: int = Field(ge=0, description="Characters before it, in the text without any secret.")
    name: str


class HttpTask(Document):
    """One HTTP request, evaluated except for its secrets."""

    method: str
    url: str
    headers: dict[str, str] = {}
    query: dict[str, JsonValue] = {}
    body: JsonValue = None
    has_body: bool = False
    expect: str = Field(default="200-299", description="Statuses that are a success: `200-299,404`.")
    parse: Literal["auto", "json", "text"] = "auto"


class CodeTask(Document):
    """One program for the sandbox, with the values that it sees."""

    source: str
    names: JsonObject = {}


class ToolTask(Document):
    """One call of a tool."""

    name: str
    arguments: JsonObject = {}


Effect = Literal["none", "idempotent", "once"]
"""What repeating a call would do (language, section 3)."""


class StepTask(Document):
    """One attempt of a step that a worker carries out, its templates already evaluated."""

    kind: Literal["agent", "llm", "tool", "http", "code"]
    agent: str | None = Field(
        default=None, description="The agent's kind: research, analysis, implementation or qa."
    )
    profile: AgentProfile | None = Field(default=None, description="None: the agent as its own file says.")
    tool: ToolTask | None = None
    http: HttpTask | None = None
    code: CodeTask | None = None
    secrets: list[SecretPlace] = []
    effect: Effect = "none"
    idempotency_key: str | None = Field(default=None, description="None: the call's own effect key.")
    given: JsonObject = Field(default={}, description="The document's `with`, for the agent's own rules.")
    prompt: str = ""
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
    following: JsonObject | None = Field(
        default=None, description="`following` of the completion, handed on to the run's driver as it came."
    )


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
    role: str = Field(
        default=AGENT_ROLE,
        description="Of who started the run, for what their role may read; `agent`: a trigger did.",
    )
    mandate: str | None = Field(
        default=None, description="With `task`: what the worker shows where it acts for the workspace."
    )
    workflow_id: str | None = Field(
        default=None, description="Whose runs it belongs to: their memory is open to it."
    )
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
    mandate: str | None = Field(default=None, description="The worker's own, when it wants a new one.")


class HeartbeatAnswer(Response):
    """Go on, or stop and why."""

    ok: bool
    stop: Literal["cancelled", "superseded", "deadline"] | None = None
    mandate: str | None = Field(default=None, description="A new one for the one that was shown.")


class CompleteStep(Request):
    """`steps/complete`: how the attempt ended. `text` is the model's answer as it came."""

    run_id: str
    step: str
    exec: int
    status: Literal["succeeded", "failed"]
    text: str | None = None
    output: JsonValue = Field(
        default=None, description="Of a kind that asks no model: its value, as it becomes the step's output."
    )
    error: StepError | None = None
    usage: Usage = Usage()
    reasks: int = Field(default=0, description="How often this attempt was re-asked already.")
    text_lost: bool = Field(
        default=False,
        description="Whether text of this execution did not get into the live stream, because it was away too"
        " long: the stream is then rebuilt under a new epoch, so that nobody takes a part for the whole.",
    )
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
    following: JsonObject | None = Field(
        default=None,
        description="What the run's driver has to start next, where that was stored together with this end.",
    )


class Reservation(Request):
    """The worst case of a call: it is reserved before, and settled with what the call really used."""

    model: str | None = None
    tokens: int = Field(default=0, ge=0)
    usd_micro: int = Field(default=0, ge=0)
    prompt_tokens: int = Field(default=0, ge=0, description="The part of `tokens` that is sent.")
    is_open: bool = Field(
        default=False, description="Nobody has said how long the answer may be: it can be made to fit."
    )


class BeginCall(Request):
    """`calls/begin`: announce a model or tool call before it is made; with it, reserve what it may cost."""

    run_id: str
    step: str
    attempt: int
    exec: int
    call: int = Field(ge=0, description="Number of the call within the attempt, from 0.")
    name: str
    request_hash: str
    effect: Effect = "none"
    reserve: Reservation | None = None
    arguments: JsonValue = Field(
        default=None, description="Of the start of a run, for who is asked about it."
    )


class CallBegun(Response):
    """What the worker does now.

    `go`: make the call. `replay`: it was made before, here is its answer. `uncertain`: nobody knows whether
    it was made; the step waits for a person, the worker ends. `waiting`: a budget is reached and a person is
    asked, the worker ends. `denied`: a budget or a rule forbids it; complete with `error`. `superseded`:
    another worker holds the step now.
    """

    outcome: Literal["go", "replay", "uncertain", "waiting", "denied", "superseded"]
    error: StepError | None = None
    model: str | None = Field(
        default=None, description="With `go`: use this model instead, the budget says so."
    )
    max_tokens: int | None = Field(
        default=None, description="With `go`: ask for an answer of at most this, it is what is left."
    )
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
