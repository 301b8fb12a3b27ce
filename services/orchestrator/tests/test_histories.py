"""Histories that a real engine has stored are replayed: code that would break running work fails here."""

import json
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.topics import EngineName
from flowloom_servicekit.testing.histories import HistoryBrokenError, replay
from orchestrator.workflow import drive_run

FOLDER = Path(__file__).parent / "histories"
FILES = sorted(FOLDER.glob("*.json"))
AT_LEAST = 10


def _events(file: Path) -> list[JsonObject]:
    events: list[JsonObject] = json.loads(file.read_text())["events"]
    return events


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_replays_to_the_end_that_was_stored(file: Path) -> None:
    events = _events(file)
    stored = [event["executionCompleted"] for event in events if "executionCompleted" in event]
    replayed = replay(events, drive_run, name=EngineName.DRIVE_RUN)
    if not stored:
        assert replayed is None, "it was still going on when it was recorded"
        return
    assert isinstance(stored[0], dict) and replayed is not None
    assert replayed["workflowStatus"] == stored[0]["workflowStatus"]
    assert replayed["result"] == stored[0]["result"]


def test_has_histories_of_many_kinds() -> None:
    assert len(FILES) >= AT_LEAST
    kinds = {kind for file in FILES for event in _events(file) for kind in event}
    assert {"taskScheduled", "taskCompleted", "timerCreated", "timerFired", "eventRaised"} <= kinds


def _eager(ctx: Any, input: JsonObject) -> Generator[Any, Any, str]:
    """The driver, as somebody might change it without thinking of what is stored."""
    yield ctx.create_timer(timedelta(seconds=1))
    return (yield from drive_run(ctx, input))


def _renamed(ctx: Any, input: JsonObject) -> Generator[Any, Any, str]:
    yield ctx.call_activity("advance_faster", input=input)
    return "finished"


@pytest.mark.parametrize("changed", [_eager, _renamed], ids=["a timer first", "another activity"])
def test_notices_code_that_does_something_else(changed: Any) -> None:
    for file in FILES:
        with pytest.raises(HistoryBrokenError):
            replay(_events(file), changed, name=EngineName.DRIVE_RUN)
