"""What an event of a user does to a run: it ends every wait that it fits."""

from datetime import datetime

from flowloom_contracts.automation import UserEvent
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import StepStatus
from flowloom_language.awaited_events import fits
from flowloom_language.events import EventReceived
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.large_values import defused
from flowloom_language.needs import needed_values
from flowloom_language.state import StepState
from orchestrator.domain.draft import Draft
from orchestrator.domain.large import ValuesNeededError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.rounds import settle
from orchestrator.domain.verdicts import Verdict


def receive(record: RunRecord, event: UserEvent, *, now: datetime) -> Verdict[bool]:
    """End the waits of a run that an event fits; False when there is none."""
    told: JsonObject = {"name": event.name, "data": event.data, "at": event.at.isoformat()}
    fitting = [
        step
        for step in record.state.steps.values()
        if step.status is StepStatus.WAITING and step.waits_for is not None and _fits(record, step, told)
    ]
    if not fitting:
        return Verdict(False)
    draft, data = Draft(record), defused(event.data)
    for step in fitting:
        draft.apply(EventReceived(path=step.path, attempt=step.attempt, name=event.name, data=data, at=now))
    draft.receive(event.event_id)
    settle(draft, now=now)
    draft.wake_driver()
    return Verdict(True, draft.stored())


def _fits(record: RunRecord, step: StepState, event: JsonObject) -> bool:
    missing = needed_values(record.plan, record.state, step.path) - record.values.keys()
    if missing:
        raise ValuesNeededError(tuple(sorted(missing)))
    try:
        return fits(record.plan, record.state, step.path, event, values=record.values)
    except ExpressionError:
        # An event of another shape than `match` expects is another event, not the end of the run.
        return False
