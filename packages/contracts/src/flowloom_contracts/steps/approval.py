"""The `approval` step: a person decides."""

import re
from typing import Annotated, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from flowloom_contracts.base import JsonObject
from flowloom_contracts.cards import Card
from flowloom_contracts.step_fields import (
    StepFields,
    TemplatedDuration,
    TemplatedInt,
    Written,
    holds_template,
)

_RECIPIENT: Final = re.compile(r"role:[a-z][a-z0-9_-]{0,62}|user:[^\s@]{1,64}@[^\s@]{1,255}")


def _check_recipient(text: str) -> str:
    if not holds_template(text) and not _RECIPIENT.fullmatch(text):
        raise PydanticCustomError(
            "bad_recipient",
            "{text} is nobody who can be asked: write role:editor or user:name@example.com.",
            {"text": repr(text)[:80]},
        )
    return text


Recipient: TypeAlias = Annotated[
    str,
    AfterValidator(_check_recipient),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(role:|user:)|\$\{",
            "examples": ["role:editor", "user:a@example.com"],
        }
    ),
]
Decision: TypeAlias = Literal["approve", "edit", "reject"]


class Escalation(Written):
    """Whom else to ask when nobody decides."""

    after: TemplatedDuration = Field(description="From the request on.")
    to: list[Recipient] = Field(min_length=1, max_length=50, description="Asked beside the first ones.")


class Approval(Written):
    """What is asked, and whom."""

    title: str = Field(min_length=1, max_length=2_000, description="The question.")
    message: str | None = Field(default=None, description="What the decision is about; Markdown.")
    to: list[Recipient] = Field(
        default=[],
        max_length=50,
        description="`role:x` and `user:mail`; without it everybody who may approve in the workspace.",
    )
    allow: list[Decision] = Field(
        default=["approve", "reject"], min_length=1, description="The decisions that are possible."
    )
    form: JsonObject | None = Field(
        default=None, description="JSON Schema of the data that `edit` may change."
    )
    expires: TemplatedDuration | None = Field(default=None, description="How long the answer is waited for.")
    on_expire: Literal["reject", "approve", "fail"] = Field(
        default="reject", description="What then happens; `fail` is an error with code timeout."
    )
    quorum: TemplatedInt = Field(default=1, description="How many people must agree.")
    escalate: Escalation | None = Field(default=None, description="Whom else to ask when nobody decides.")

    @model_validator(mode="after")
    def _allows_each_once(self) -> Self:
        if len(set(self.allow)) < len(self.allow):
            raise PydanticCustomError("repeated", "'allow' names a decision twice.", {})
        return self


class ApprovalStep(StepFields):
    """Ask a person; its output is `{decision, by, at, comment, data}`, also when it is a rejection."""

    CARD: ClassVar[Card] = Card(
        title="Approval",
        icon="user-check",
        category="people",
        synonyms=("human", "review", "confirm", "sign off", "ask", "decision", "person"),
        example={"approval": {"title": "Publish this?"}},
        output={
            "type": "object",
            "properties": {
                "decision": {"enum": ["approve", "edit", "reject"]},
                "by": {"type": ["string", "null"]},
                "at": {"type": "string", "format": "date-time"},
                "comment": {"type": ["string", "null"]},
                "data": {},
            },
            "required": ["decision"],
        },
        widgets={
            "approval.title": "text",
            "approval.message": "textarea",
            "approval.to": "recipients",
            "approval.form": "json_schema",
            "approval.escalate.to": "recipients",
        },
    )

    approval: Approval = Field(title="Approval", description="What is asked, and whom.")
