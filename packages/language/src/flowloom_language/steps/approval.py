"""Computes an `approval` step: what people are asked."""

import re
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.approvals import DecisionRequest
from flowloom_contracts.approvals import Escalation as LaterAsked
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.steps.approval import ApprovalStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.outcomes import Ask
from flowloom_language.scopes import count_of, seconds, text_of

_MOST_PEOPLE: Final = 50
_RECIPIENT: Final = re.compile(r"role:[a-z][a-z0-9_-]{0,62}|user:[^\s@]{1,64}@[^\s@]{1,255}")


def run(step: ApprovalStep, scope: Scope, *, now: datetime) -> Ask:
    """Return the request with its times."""
    written = step.approval
    expires_at = _later(now, written.expires, scope)
    later = written.escalate
    at = None if later is None else _later(now, later.after, scope)
    return Ask(
        DecisionRequest(
            kind="approval",
            title=text_of(written.title, scope),
            message=None if written.message is None else text_of(written.message, scope),
            to=_people(written.to, scope),
            allow=list(written.allow),
            form=written.form,
            values=_defaults(written.form),
            quorum=count_of(written.quorum, scope, purpose="quorum", most=_MOST_PEOPLE) or 1,
            expires_at=expires_at,
            on_expire=written.on_expire,
            escalation=LaterAsked(at=at, to=_people(later.to, scope)) if later and at else None,
        )
    )


def _later(now: datetime, written: str | None, scope: Scope) -> datetime | None:
    return None if written is None else now + timedelta(seconds=seconds(written, scope))


def _people(written: list[str], scope: Scope) -> list[str]:
    found = [text_of(one, scope) for one in written]
    for one in found:
        if not _RECIPIENT.fullmatch(one):
            raise ExpressionError(
                f"{one[:80]!r} is nobody who can be asked: role:editor or user:a@example.com."
            )
    return found


def _defaults(form: JsonObject | None) -> JsonValue:
    """What the form starts with: the defaults of its schema."""
    properties = form.get("properties") if form else None
    if not isinstance(properties, dict):
        return None
    return {
        name: schema["default"]
        for name, schema in properties.items()
        if isinstance(schema, dict) and "default" in schema
    }
