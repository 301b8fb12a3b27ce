"""What waits for a person: approvals, uncertain effects, reached budgets and rules that ask."""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Document, JsonObject, JsonValue, Request, Response
from flowloom_contracts.runs import Actor

DecisionKind: TypeAlias = Literal["approval", "uncertain", "budget", "rule"]
ExpiryAction: TypeAlias = Literal["reject", "approve", "fail"]

ALLOWED: Final[dict[DecisionKind, tuple[str, ...]]] = {
    "approval": ("approve", "edit", "reject"),
    "uncertain": ("done", "repeat", "fail"),
    "budget": ("raise", "cheaper", "fail"),
    "rule": ("approve", "reject"),
}
"""The decisions that each kind knows; an item allows all of them or fewer."""


class Escalation(Document):
    """Who else is asked when nobody has decided after a while."""

    at: datetime
    to: list[str]


class DecisionRequest(Document):
    """What a waiting step asks of people; its templates are evaluated already."""

    kind: DecisionKind
    title: str
    message: str | None = None
    message_ref: str | None = Field(
        default=None, description="Where the whole of a long message is; `message` is its beginning."
    )
    to: list[str] = Field(
        default=[], description="`role:editor` or `user:anna@example.com`; empty: anyone who may decide."
    )
    allow: list[str]
    form: JsonObject | None = Field(default=None, description="JSON Schema of what `edit` may change.")
    values: JsonValue = Field(default=None, description="What the form starts with, or the real arguments.")
    quorum: int = Field(default=1, ge=1, description="How many people have to approve.")
    expires_at: datetime | None = None
    on_expire: ExpiryAction = "reject"
    escalation: Escalation | None = None
    rule: str | None = Field(default=None, description="Name of the workspace rule that asks.")


class Vote(Document):
    """What one person said; with a quorum above one an approval needs several."""

    decision: str
    by: str
    at: datetime
    comment: str | None = None


class Decision(Document):
    """How an item was decided; `by` is None when its time ran out."""

    decision: str
    by: str | None = None
    at: datetime
    comment: str | None = None
    data: JsonValue = None


ApprovalStatus: TypeAlias = Literal["open", "decided", "expired", "withdrawn"]


class Approval(Response):
    """An item of the inbox; `withdrawn` when its run ended first."""

    id: str
    run_id: str
    workflow_id: str
    workflow_name: str
    step: str
    kind: DecisionKind
    status: ApprovalStatus
    title: str
    message: str | None = None
    message_ref: str | None = None
    to: list[str] = []
    allow: list[str]
    form: JsonObject | None = None
    values: JsonValue = None
    quorum: int = 1
    votes: list[Vote] = []
    rule: str | None = None
    requested_at: datetime
    expires_at: datetime | None = None
    decision: Decision | None = None


class ApprovalList(Response):
    """A page of the inbox, newest first."""

    items: list[Approval]
    next_cursor: str | None = None


class DecisionBody(Request):
    """Body of `POST /v1/approvals/{id}/decision`."""

    decision: str = Field(max_length=20)
    comment: str | None = Field(default=None, max_length=5_000)
    data: JsonValue = None


class ApprovalQuery(Request):
    """Internal `approvals/list`; `roles` and `email` say what the asking person may decide."""

    actor: Actor
    status: ApprovalStatus | None = "open"
    run_id: str | None = None
    mine: bool = Field(default=False, description="Only items that the asking person may decide.")
    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class ApprovalRef(Request):
    """Internal `approvals/get`."""

    actor: Actor
    approval_id: str


class Decide(Request):
    """Internal `approvals/decide`: the first decision wins, later ones are 409 and name who decided."""

    actor: Actor
    approval_id: str
    decision: str
    comment: str | None = None
    data: JsonValue = None
