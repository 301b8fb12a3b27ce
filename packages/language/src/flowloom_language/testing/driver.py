"""A run in memory: applies what `decide` says, with a clock that is set by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import RunError, RunStatus, StepError, Usage
from flowloom_language.commands import (
    AskAgain,
    CancelChildRun,
    Command,
    EmitEvent,
    Record,
    StartChildRun,
    StartStep,
    StopStep,
    WakeAt,
)
from flowloom_language.document import validate_document
from flowloom_language.events import (
    CancelRequested,
    Change,
    ChildRunEnded,
    ChildRunStarted,
    EventReceived,
    RunKilled,
    RunPaused,
    RunResumed,
    RunRetried,
    StepDecided,
    StepFailed,
    StepQueued,
    StepStarted,
    StepSucceeded,
)
from flowloom_language.inputs import resolve_inputs
from flowloom_language.interpreter import decide
from flowloom_language.plan import Plan, compile_plan
from flowloom_language.retries import settle_failure
from flowloom_language.state import Override, Reuse, RunFacts, RunState, StepState, initial_state
from flowloom_language.transitions import apply

_MOVING: Final = (Record, StartStep, StartChildRun, AskAgain)
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
    """Carries out a plan; the test says how slow steps end.

    `seen` has every step of the run as it was last, also those that have left the state.
    """

    def __init__(
        self,
        source: str | Plan,
        inputs: Mapping[str, JsonValue] | None = None,
        *,
        start: datetime = START,
        until_step: str | None = None,
        reuse: Mapping[str, Reuse] | None = None,
        overrides: Mapping[str, Override] | None = None,
    ) -> None:
        schema = None
        if isinstance(source, str):
            validated = validate_document(source)
            schema = validated.workflow.inputs if validated.workflow else None
        self.plan = plan_of(source) if isinstance(source, str) else source
        self.now = start
        self.events = list[Change]()
        self.commands = list[Command]()
        self.stopped = list[StopStep]()
        self.emitted = list[EmitEvent]()
        self.children = dict[str, StartChildRun]()
        self.timer: datetime | None = None
        self.seen = dict[str, StepState]()
        facts = RunFacts(id="run", workflow=self.plan.name, version=1, started_at=start)
        self.state = initial_state(
            facts,
            resolve_inputs(schema, dict(inputs or {})),
            self.plan,
            until_step=until_step,
            reuse=reuse,
            overrides=overrides,
        )
        self.seen |= dict(self.state.steps)

    def take(self, state: RunState) -> None:
        """Go on with another state of the same plan."""
        self.state = state

    def go(self) -> list[str]:
        """Carry out everything that can be done now; return the slow steps that were handed out."""
        started = list[str]()
        while commands := decide(self.plan, self.state, now=self.now):
            self.timer = None
            for command in commands:
                self._carry_out(command, started)
            if not any(isinstance(command, _MOVING) for command in commands):
                break
        return started

    def _carry_out(self, command: Command, started: list[str]) -> None:
        self.commands.append(command)
        match command:
            case Record():
                self.record(command.event)
            case StartStep():
                started.append(command.path)
                self.record(StepQueued(path=command.path, attempt=command.attempt, at=self.now))
            case StartChildRun():
                run_id = f"child-{len(self.children) + 1}"
                self.children[run_id] = command
                self.record(
                    ChildRunStarted(path=command.path, attempt=command.attempt, run_id=run_id, at=self.now)
                )
            case StopStep():
                self.stopped.append(command)
            case EmitEvent():
                self.emitted.append(command)
            case CancelChildRun():
                self.children.pop(command.run_id, None)
            case WakeAt():
                self.timer = command.at

    def record(self, event: Change) -> None:
        """Apply one event and keep it."""
        before = self.state
        self.state = apply(self.state, event)
        self.events.append(event)
        for path in self.state.steps.changed_since(before.steps):
            step = self.state.steps.get(path)
            if step is not None:
                self.seen[path] = step

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

    def kill(self) -> None:
        """Somebody ends the run at once."""
        self.record(RunKilled(at=self.now))

    def pause(self) -> None:
        """Somebody wants nothing new to start."""
        self.record(RunPaused(at=self.now))

    def resume(self) -> None:
        """Somebody ends the pause."""
        self.record(RunResumed(at=self.now))

    def retry(self) -> None:
        """Somebody retries the run that has failed."""
        self.record(RunRetried(attempt=self.state.run.attempt + 1, at=self.now))

    def decide(self, path: str, decision: str, *, by: str = "anna", data: JsonValue = None) -> None:
        """Somebody decides what a step waits for."""
        attempt = self.state.steps[path].attempt
        self.record(StepDecided(path=path, attempt=attempt, decision=decision, by=by, data=data, at=self.now))

    def receive(self, path: str, name: str, data: JsonValue = None) -> None:
        """The event comes that a step waits for."""
        attempt = self.state.steps[path].attempt
        self.record(EventReceived(path=path, attempt=attempt, name=name, data=data, at=self.now))

    def end_child(
        self, path: str, outputs: JsonObject | None = None, *, error: RunError | None = None
    ) -> None:
        """The run ends that a step waits for."""
        step = self.state.steps[path]
        self.record(
            ChildRunEnded(
                path=path,
                attempt=step.attempt,
                run_id=step.child.run_id if step.child else "",
                status=RunStatus.FAILED if error else RunStatus.SUCCEEDED,
                outputs=outputs,
                error=error,
                at=self.now,
            )
        )

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def statuses(self) -> dict[str, str]:
        """Return the status of every step."""
        return {path: step.status.value for path, step in self.state.steps.items()}

    def outputs(self) -> JsonObject | None:
        """Return the outputs of the run, once it has succeeded."""
        return self.state.outputs
