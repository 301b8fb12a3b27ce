"""Computes a `wait` step: until when it sleeps, or which event it waits for."""

from datetime import datetime, timedelta

from flowloom_contracts.steps.wait import WaitStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.outcomes import Listen, Sleep
from flowloom_language.scopes import seconds, text_of


def run(step: WaitStep, scope: Scope, *, now: datetime) -> Sleep | Listen:
    """Return the time at which it ends, or the event that ends it."""
    wait = step.wait
    if wait.event is not None:
        longest = wait.event.timeout
        until = None if longest is None else now + timedelta(seconds=seconds(longest, scope))
        return Listen(text_of(wait.event.name, scope), until)
    if wait.until is not None:
        return Sleep(max(now, _moment(text_of(wait.until, scope))))
    return Sleep(now + timedelta(seconds=seconds(wait.duration or "0s", scope)))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ExpressionError(f"{text[:60]!r} is not a time such as 2027-01-31T08:00:00Z.") from error
    if moment.tzinfo is None:
        raise ExpressionError(f"{text[:60]!r} has no zone. Write it like 2027-01-31T08:00:00Z.")
    return moment
