"""What starts runs by itself: schedules, webhooks and events of published workflows."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Event, JsonObject, JsonValue, Request, Response
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.runs import Actor, WorkflowRef

Misfire: TypeAlias = Literal["skip", "run_once", "run_all"]
HookAuth: TypeAlias = Literal["api_key", "signature", "none"]


class ScheduleSpec(Request):
    """A `schedule` trigger of a published version."""

    trigger: str = Field(description="The trigger's id in the document.")
    cron: str
    zone: str = "UTC"
    misfire: Misfire = "run_once"


class SyncSchedules(Request):
    """Internal `schedules/sync`: these are all the schedules of a workflow now; none switches it off."""

    actor: Actor
    workflow: WorkflowRef
    version: int
    schedules: list[ScheduleSpec] = []


class Schedule(Response):
    """A schedule that is switched on; `next_at` is when it fires next."""

    id: str
    workflow: WorkflowRef
    version: int
    trigger: str
    cron: str
    zone: str
    misfire: Misfire
    paused: bool = False
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_run_id: str | None = None
    last_error: str | None = None


class ScheduleList(Response):
    """The schedules of a workspace."""

    items: list[Schedule]
    next_cursor: str | None = None


class ScheduleQuery(Request):
    """Internal `schedules/list`."""

    actor: Actor
    workflow_id: str | None = None


class PauseSchedule(Request):
    """Internal `schedules/pause`: a paused schedule misses its times without catching up."""

    actor: Actor
    schedule_id: str
    paused: bool


class FireTrigger(Request):
    """Internal `triggers/fire` (orchestrator to gateway): start a run for a schedule's due time.

    `key` is the Idempotency-Key of the start, `sched:{id}:{due time}`; firing twice gives one run.
    """

    workspace_id: str
    workflow_id: str
    version: int
    trigger: str
    key: str = Field(max_length=255)
    data: JsonObject = Field(description="What the trigger's templates see as `trigger`.")


class TriggerFired(Response):
    """The run that was started; or why none was, when firing again would not help."""

    run_id: str | None = None
    refused: str | None = None


class Webhook(Response):
    """An address that starts a workflow: `POST {path}`."""

    id: str
    workflow: WorkflowRef
    trigger: str
    path: str = Field(description="As in `/hooks/{id}`.")
    auth: HookAuth
    active: bool
    version: int = Field(default=0, description="The published version it belongs to.")
    has_secret: bool = Field(default=False, description="A signing secret was made for it.")
    created_at: datetime
    last_delivery_at: datetime | None = None


class WebhookList(Response):
    """The webhooks of a workspace."""

    items: list[Webhook]
    next_cursor: str | None = None


class WebhookSecret(Response):
    """The signing secret of a webhook; shown only when it is made."""

    id: str
    secret: str


class HookAccepted(Response):
    """A delivery that is stored and will start one run, also when this answer is lost."""

    delivery_id: str
    duplicate: bool = Field(default=False, description="The same delivery was accepted before.")


DeliveryStatus: TypeAlias = Literal["pending", "started", "dead"]


class HookDelivery(Response):
    """A delivery and what became of it; a `dead` one has the reason and can be replayed."""

    id: str
    webhook_id: str
    status: DeliveryStatus
    received_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    run_id: str | None = None
    reason: str | None = None


class HookDeliveryList(Response):
    """The deliveries of a webhook, newest first."""

    items: list[HookDelivery]
    next_cursor: str | None = None


class UserEvent(Event):
    """What an `emit` step, or `POST /v1/events`, tells a workspace."""

    workspace_id: str
    event_id: str
    name: str
    data: JsonValue = None
    at: datetime
    run_id: str | None = None
    step: str | None = None


class EmitBody(Request):
    """Body of `POST /v1/events`: tell the workspace's waiting runs and event triggers."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,127}$")
    data: JsonValue = None


class Emitted(Response):
    """The event's id; the same Idempotency-Key gives the same one."""

    event_id: str


class ResolveWorkflow(Request):
    """Internal `workflows/resolve` (orchestrator to gateway): the document behind `NAME[@VERSION]`."""

    actor: Actor
    name: str
    version: int | None = Field(default=None, description="None: the published version, else the draft.")


class ResolvedWorkflow(Response):
    """A document to start a run of."""

    workflow: WorkflowRef
    version: int | Literal["draft"]
    source: str
    agents: dict[str, AgentDefinition] = Field(
        default={}, description="The workspace's own agents that the document may name, as they are now."
    )


class OpenSecrets(Request):
    """Internal `secrets/open`: the values a step needs, at the moment it needs them."""

    workspace_id: str
    run_id: str
    step: str
    names: list[str] = Field(min_length=1, max_length=50)


class OpenedSecrets(Response):
    """Values by name; a name that has no secret is missing."""

    values: dict[str, str]
