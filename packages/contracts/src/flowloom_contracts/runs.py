"""Runs and steps: statuses, the one table of allowed transitions, and the shapes people read."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias, get_args

from pydantic import AwareDatetime, Field

from flowloom_contracts.base import Document, JsonObject, JsonValue, Request, Response


class RunStatus(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing follows."""
        return self in TERMINAL_RUN_STATUSES


class StepStatus(StrEnum):
    """Where a step of a run is."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    REUSED = "reused"

    @property
    def is_terminal(self) -> bool:
        """Whether the step has ended in this run."""
        return self in TERMINAL_STEP_STATUSES


TERMINAL_RUN_STATUSES: Final = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})
TERMINAL_STEP_STATUSES: Final = frozenset(
    {StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.CANCELLED, StepStatus.REUSED}
)

_R = RunStatus
_S = StepStatus

RUN_TRANSITIONS: Final[dict[RunStatus, frozenset[RunStatus]]] = {
    _R.QUEUED: frozenset({_R.RUNNING, _R.PAUSED, _R.CANCELLING, _R.FAILED}),
    _R.RUNNING: frozenset({_R.WAITING, _R.PAUSED, _R.CANCELLING, _R.SUCCEEDED, _R.FAILED}),
    _R.WAITING: frozenset({_R.RUNNING, _R.PAUSED, _R.CANCELLING, _R.SUCCEEDED, _R.FAILED}),
    _R.PAUSED: frozenset({_R.QUEUED, _R.RUNNING, _R.WAITING, _R.CANCELLING, _R.FAILED}),
    _R.CANCELLING: frozenset({_R.CANCELLED}),
    _R.SUCCEEDED: frozenset(),
    # Only a retry of the run leads back.
    _R.FAILED: frozenset({_R.QUEUED}),
    _R.CANCELLED: frozenset({_R.QUEUED}),
}

STEP_TRANSITIONS: Final[dict[StepStatus, frozenset[StepStatus]]] = {
    _S.PENDING: frozenset(
        {
            _S.QUEUED,
            _S.RUNNING,
            _S.WAITING,
            _S.SUCCEEDED,
            _S.FAILED,
            _S.SKIPPED,
            _S.CANCELLED,
            _S.REUSED,
        }
    ),
    _S.QUEUED: frozenset({_S.RUNNING, _S.WAITING, _S.RETRYING, _S.FAILED, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.QUEUED, _S.WAITING, _S.RETRYING, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED}),
    _S.WAITING: frozenset({_S.QUEUED, _S.RUNNING, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED}),
    _S.RETRYING: frozenset({_S.QUEUED, _S.RUNNING, _S.FAILED, _S.CANCELLED}),
    _S.SUCCEEDED: frozenset(),
    _S.FAILED: frozenset(),
    _S.SKIPPED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REUSED: frozenset(),
}


class Usage(Document):
    """What was spent; adds up over calls, attempts and steps."""

    tokens: int = Field(default=0, ge=0, description="Prompt and completion tokens.")
    usd_micro: int = Field(default=0, ge=0, description="Money in millionths of a dollar.")
    tokens_saved: int = Field(default=0, ge=0, description="Tokens of reused steps and replayed calls.")

    def plus(self, other: "Usage") -> "Usage":
        """Return the sum of both."""
        return Usage(
            tokens=self.tokens + other.tokens,
            usd_micro=self.usd_micro + other.usd_micro,
            tokens_saved=self.tokens_saved + other.tokens_saved,
        )


class StepError(Document):
    """Why an attempt of a step failed."""

    code: str = Field(description="A code of the language (section 3.3) or an HTTP status as text.")
    message: str


class RunError(Document):
    """Why a run failed, and in which step (a path), if in one."""

    code: str
    message: str
    step: str | None = None


class UsageView(Response):
    """Usage as people read it: money in dollars."""

    tokens: int = 0
    usd: float = 0.0
    tokens_saved: int = 0

    @classmethod
    def of(cls, usage: Usage) -> "UsageView":
        """Return the readable form of a usage."""
        return cls(tokens=usage.tokens, usd=usage.usd_micro / 1e6, tokens_saved=usage.tokens_saved)


class ForkOrigin(Response):
    """The run and step a fork started from."""

    run_id: str
    step: str


class WorkflowRef(Response):
    """Which workflow a run belongs to."""

    id: str
    name: str


class Run(Response):
    """One execution of a frozen document."""

    id: str
    workflow: WorkflowRef
    version: int | Literal["draft"]
    status: RunStatus
    inputs: JsonObject
    outputs: JsonObject | None = None
    error: RunError | None = None
    usage: UsageView = UsageView()
    attempt: int = 1
    priority: int = 0
    forked_from: ForkOrigin | None = None
    parent: ForkOrigin | None = Field(default=None, description="The step that started this run.")
    trace_id: str | None = Field(
        default=None, description="In which the run was started and carried out: logs and traces name it."
    )
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class StepRun(Response):
    """One step of a run, at its latest attempt."""

    path: str
    kind: str
    status: StepStatus
    attempt: int = Field(default=0, description="0 before the first start.")
    agent: str | None = None
    output: JsonValue = None
    output_ref: str | None = Field(
        default=None, description="Where the whole value is when `output` is a preview."
    )
    error: StepError | None = None
    usage: UsageView = UsageView()
    recovered: bool = False
    waits_for: str | None = Field(default=None, description="`approval`, `event` and so on, while it waits.")
    approval_id: str | None = None
    wake_at: datetime | None = None
    child_run_id: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class StepText(Response):
    """The text that a running step has streamed so far, by channel."""

    exec: int
    channels: dict[Literal["thinking", "tools", "answer"], str]


class RunSnapshot(Response):
    """Everything a viewer needs before it follows the stream from `cursor`."""

    cursor: str
    run: Run
    steps: list[StepRun]
    steps_cursor: str | None = Field(
        default=None, description="Where the other steps begin, when there are more than fit in here."
    )
    texts: dict[str, StepText]


class RunList(Response):
    """A page of runs, newest first."""

    items: list[Run]
    next_cursor: str | None = None


class StepList(Response):
    """The steps of a run in the order of the document."""

    items: list[StepRun]
    next_cursor: str | None = None


class StepRef(Request):
    """A step of a run."""

    run_id: str
    step: str = Field(max_length=1_000, description="A path such as `polish[1].check`.")


class Spending(Request):
    """The most that a run may use; what is not written has no limit here."""

    tokens: int | None = Field(default=None, ge=1)
    usd: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0)


class StartRunBody(Request):
    """Body of `POST /v1/workflows/{id}/runs`."""

    inputs: JsonObject = {}
    version: int | Literal["draft"] | None = Field(
        default=None, description="Default: the published version, else the draft."
    )
    priority: int = Field(
        default=0, ge=-100, le=100, description="Higher starts earlier within the workspace."
    )
    budget: Spending | None = Field(
        default=None, description="Tightens the document's own budget for this run."
    )
    until_step: str | None = Field(default=None, description="Run only this step and what it depends on.")
    from_: StepRef | None = Field(
        default=None, alias="from", description="Reuse what that run did before the step."
    )
    pins: dict[str, JsonValue] = Field(default={}, description="Outputs given instead of running the steps.")


class RetryBody(Request):
    """Body of `POST /v1/runs/{id}/retry`."""

    reason: str | None = Field(default=None, max_length=500)


class SavedTest(Response):
    """A test made from a run: one YAML document with `tests`, and what was removed from it."""

    tests: str
    removed: list[str] = []


class CommandBody(Request):
    """Body of the commands on a run."""

    reason: str | None = Field(default=None, max_length=500)


Reach: TypeAlias = Literal["none", "view", "run", "edit"]
"""How far somebody may go with a workflow and its runs; each includes those before it."""

REACHES: Final[tuple[Reach, ...]] = get_args(Reach)


class Actor(Request):
    """On whose behalf the gateway asks; without a user it is the platform itself."""

    workspace_id: str
    user_id: str | None = None
    email: str | None = None
    key_id: str | None = Field(default=None, description="The API key with which they ask, if it is one.")
    roles: list[str] = Field(
        default=[], description="Roles in the workspace; they decide which approvals are theirs."
    )
    limits: dict[str, Reach] = Field(
        default={}, description="How far they may go with workflows that are shared with some people only."
    )

    def reaches(self, workflow_id: str, least: Reach) -> bool:
        """Whether they may go so far with a workflow and its runs."""
        return REACHES.index(self.limits.get(workflow_id, "edit")) >= REACHES.index(least)

    @property
    def closed(self) -> list[str]:
        """The ids of the workflows that they may not even see."""
        return sorted(workflow_id for workflow_id, reach in self.limits.items() if reach == "none")


class RunQuery(Request):
    """Internal `runs/get`, `runs/steps`, `runs/snapshot`: one run of one workspace."""

    actor: Actor
    run_id: str


STEP_CURSOR: Final = r"^-?[0-9]{1,9}(\.-?[0-9]{1,9}){0,40}$"
"""The form of a cursor in a list of steps: where the last step stands."""


class StepsQuery(RunQuery):
    """Internal `runs/steps`: a page of a run's steps, those of items and recoveries after their owners."""

    inside: str | None = Field(
        default=None, max_length=1_000, description="Only what stands inside this path, as `research[3]`."
    )
    cursor: str | None = Field(default=None, pattern=STEP_CURSOR)
    limit: int = Field(default=200, ge=1, le=1_000)


LABEL_PATTERN: Final = r"^[^=\x00]{1,100}=[^\x00]{0,200}$"
"""`name=value`, as in the document's `metadata.labels`."""


class RunFilter(Request):
    """Which runs of a list are wanted; what is not said is not asked for."""

    statuses: list[RunStatus] = Field(default=[], max_length=10)
    label: str | None = Field(default=None, pattern=LABEL_PATTERN)
    text: str | None = Field(default=None, max_length=200)
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    longer_than_s: float | None = Field(default=None, ge=0, le=1e9)
    shorter_than_s: float | None = Field(default=None, ge=0, le=1e9)


class RunListQuery(Request):
    """Internal `runs/list`."""

    actor: Actor
    workflow_id: str | None = None
    status: RunStatus | None = None
    only: RunFilter = RunFilter()
    order: Literal["newest", "oldest"] = "newest"
    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class RunEventsQuery(Request):
    """Internal `runs/events`: a page of stream or archive after a cursor (`0` = from the first)."""

    actor: Actor
    run_id: str
    after: str = "0"
    limit: int = Field(default=500, ge=1, le=5000)


class RunCommand(Request):
    """Internal `runs/cancel · pause · resume · retry · kill · save-as-test · record`."""

    actor: Actor
    run_id: str
    reason: str | None = None
