"""What people and other systems are told without having asked: notices, notifications, outgoing webhooks."""

from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from pydantic import Field

from flowloom_contracts.base import Event, Flag, JsonObject, Request, Response
from flowloom_contracts.runs import WorkflowRef

NoticeKind: TypeAlias = Literal[
    "run_failed",
    "run_succeeded",
    "run_cancelled",
    "approval_requested",
    "budget_warned",
    "budget_reached",
    "schedule_failed",
    "endpoint_disabled",
]
KINDS: Final[tuple[NoticeKind, ...]] = get_args(NoticeKind)

PEOPLE_HEAR: Final[tuple[NoticeKind, ...]] = (
    "run_failed",
    "approval_requested",
    "budget_warned",
    "budget_reached",
    "schedule_failed",
    "endpoint_disabled",
)
"""The others are for systems only: nobody wants to be told that all is well."""


class Notice(Event):
    """Topic `notices`: something that people may want to be told."""

    id: str = Field(description="The same however often it is delivered.")
    kind: NoticeKind
    workspace_id: str
    workflow: WorkflowRef | None = None
    run_id: str | None = None
    step: str | None = None
    user_id: str | None = Field(default=None, description="Who started the run.")
    is_private: bool = Field(default=False, description="Of a run that only who started it may see.")
    to: list[str] = Field(default=[], description="As in approvals: `role:editor`, `user:anna@example.com`.")
    title: str = ""
    details: JsonObject = {}
    at: datetime


class Notification(Response):
    """One notice as one person sees it."""

    id: str
    kind: NoticeKind
    title: str
    body: str
    workflow: WorkflowRef | None = None
    run_id: str | None = None
    details: JsonObject = {}
    created_at: datetime
    read_at: datetime | None = None


class NotificationList(Response):
    """A page of notifications, newest first."""

    items: list[Notification]
    next_cursor: str | None = None
    unread: int = Field(description="Of all, not of this page.")


class MarkNotifications(Request):
    """Body of `POST /v1/notifications/read`."""

    ids: list[str] | None = Field(default=None, max_length=200, description="None: all of them.")
    read: Flag = True


class Unread(Response):
    """How many are unread now."""

    unread: int


class NotificationChoice(Request):
    """How one person is told of one kind."""

    kind: NoticeKind
    in_app: Flag
    mail: Flag


class SaveNotificationChoices(Request):
    """Body of `PUT /v1/notifications/choices`: kinds that are left out stay as they are."""

    items: list[NotificationChoice] = Field(max_length=len(PEOPLE_HEAR))


class NotificationChoices(Response):
    """How a person is told of each kind, in this workspace."""

    items: list[NotificationChoice]


class SaveEndpoint(Request):
    """Body of `POST /v1/webhook-endpoints` and `PUT /v1/webhook-endpoints/{id}`."""

    url: str = Field(min_length=8, max_length=1_000)
    events: list[NoticeKind] = Field(min_length=1, max_length=len(KINDS))
    description: str = Field(default="", max_length=200)
    active: Flag = True


class Endpoint(Response):
    """An address that is called when something happens; its secret is not shown again."""

    id: str
    url: str
    events: list[NoticeKind]
    description: str
    active: bool
    disabled_reason: str | None = Field(default=None, description="Why it was switched off by itself.")
    failing_since: datetime | None = None
    subscriber_id: str | None = Field(
        default=None,
        description="Who saved it last, in person or by a key: it is told of what they may read. Without one"
        " it is not told of workflows that are shared with some people only, until it is saved again.",
    )
    created_at: datetime
    etag: str = Field(description="What `If-Match` names to replace it.")


class EndpointCreated(Response):
    """The secret is shown only here."""

    endpoint: Endpoint
    secret: str


class EndpointSecret(Response):
    """A new secret, shown only here; the old one signs nothing any more."""

    secret: str


class EndpointList(Response):
    """The addresses of a workspace."""

    items: list[Endpoint]


EndpointDeliveryStatus: TypeAlias = Literal["pending", "delivered", "dead"]


class EndpointDelivery(Response):
    """One call that was made or will be."""

    id: str
    event: str
    status: EndpointDeliveryStatus
    attempts: int
    created_at: datetime
    next_at: datetime | None = None
    delivered_at: datetime | None = None
    answer: int | None = Field(default=None, description="HTTP status of the last answer.")
    error: str | None = None
    payload: JsonObject


class EndpointDeliveryList(Response):
    """A page of calls, newest first."""

    items: list[EndpointDelivery]
    next_cursor: str | None = None
