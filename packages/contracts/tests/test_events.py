"""Envelopes: fields that do not apply are absent, and old readers survive new writers."""

from datetime import UTC, datetime

from pydantic import TypeAdapter

from flowloom_contracts.base import without_absent
from flowloom_contracts.events import RunData, RunEvent, RunMilestone, StepDelta
from flowloom_contracts.runs import RunStatus

EVENTS: TypeAdapter[RunEvent] = TypeAdapter(RunEvent)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_absent_fields_are_left_out_but_nulls_of_the_user_stay() -> None:
    data = RunData(status=RunStatus.SUCCEEDED, outputs={"brief": None})
    assert without_absent(data) == {"status": "succeeded", "outputs": {"brief": None}}


def test_an_event_is_told_apart_by_its_type() -> None:
    event = EVENTS.validate_python(
        {
            "stream": "run:1",
            "epoch": 1,
            "seq": 3,
            "type": "step.delta.v1",
            "at": AT,
            "run_id": "1",
            "step": "plan",
            "attempt": 1,
            "data": {"exec": 1, "channel": "answer", "offset": 0, "text": "Hel"},
        }
    )
    assert isinstance(event, StepDelta)
    assert event.data.text == "Hel"


def test_a_reader_ignores_fields_it_does_not_know() -> None:
    event = EVENTS.validate_python(
        {
            "stream": "run:1",
            "epoch": 1,
            "seq": 1,
            "type": "run.started.v1",
            "at": AT,
            "run_id": "1",
            "later": True,
            "data": {"status": "running", "colour": "blue"},
        }
    )
    assert isinstance(event, RunMilestone)
