"""A run in memory: applies what `decide` says, with a clock that is set by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import StepError, Usage
from flowloom_language.commands import Record, StartStep, StopStep, WakeAt
from flowloom_language.document import validate_document
from flowloom_language.events import (
    CancelRequested,
    Change,
    StepFailed,
    StepQueued,
    StepStarted,
    StepSucceeded,
)
from flowloom_language.inputs import resolve_inputs
from flowloom_language.interpreter import decide
from flowloom_language.plan import Plan, compile_plan
from flowloom_language.retries import settle_failure
from flowloom_language.state import RunFacts, initial_state
from flowloom_language.transitions import apply

START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class InvalidDocumentError(AssertionError):
    """The document of a test has errors."""


def plan_of(source: str) -> Plan:
    """Return the plan of a document that must be valid."""
    validated = validate_document(source)
    if validated.workflow is None:
        raise InvalidDocumentError([(one.code.value, one.path, one.message) for one in validated.problems])
    return compile_plan(validated.workflow)


class Driver:
    """Carries out a plan; the test says how slow steps end."""

    def __init__(self, source: str, inputs: Mapping[str, JsonValue] | None = None) -> None:
        validated = validate_document(source)
        schema = validated.workflow.inputs if validated.workflow else None
        self.plan = plan_of(source)
        self.now = START
        self.events = list[Change]()
        self.stopped = list[StopStep]()
        self.timer: datetime | None = None
        facts = RunFacts(id="run", workflow=self.plan.name, version=1, started_at=START)
        self.state = initial_state(facts, resolve_inputs(schema, dict(inputs or {})), self.plan)

    def go(self) -> list[str]:
        """Carry out everything that can be done now; return the slow steps that were handed out."""
        started = list[str]()
        while commands := decide(self.plan, self.state, now=self.now):
            self.timer = None
            for command in commands:
                match command:
                    case Record():
                        self.record(command.event)
                    case StartStep():
                        started.append(command.path)
                        self.record(StepQueued(path=command.path, attempt=command.attempt, at=self.now))
                    case StopStep():
                        self.stopped.append(command)
                    case WakeAt():
                        self.timer = command.at
            if all(isinstance(command, WakeAt) for command in commands):
                break
        return started

    def record(self, event: Change) -> None:
        """Apply one event and keep it."""
        self.state = apply(self.state, event)
        self.events.append(event)

    def start(self, path: str) -> None:
        """A worker claims the step."""
        self.record(StepStarted(path=path, attempt=self.state.steps[path].attempt, at=self.now))

    def succeed(self, path: str, output: JsonValue, usage: Usage | None = None) -> None:
        """A worker's answer is accepted."""
        attempt = self.state.steps[path].attempt
        self.record(
            StepSucceeded(path=path, attempt=attempt, output=output, usage=usage or Usage(), at=self.now)
        )

    def fail(self, path: str, code: str, message: str = "It failed.", *, jitter: float = 1.0) -> None:
        """An attempt fails; the retry policy decides what follows."""
        failed = StepFailed(
            path=path,
            attempt=self.state.steps[path].attempt,
            error=StepError(code=code, message=message),
            at=self.now,
        )
        self.record(settle_failure(self.plan, self.state, failed, jitter=jitter))

    def cancel(self, reason: str | None = None) -> None:
        """Somebody cancels the run."""
        self.record(CancelRequested(reason=reason, at=self.now))

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def statuses(self) -> dict[str, str]:
        """Return the status of every step."""
        return {path: step.status.value for path, step in self.state.steps.items()}

    def outputs(self) -> JsonObject | None:
        """Return the outputs of the run, once it has succeeded."""
        return self.state.outputs
