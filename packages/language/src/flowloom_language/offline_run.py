"""A run in memory without anybody outside: what `decide` asks for is recorded, time passes at once."""

from datetime import datetime
from typing import Final

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import StepError, StepStatus, Usage
from flowloom_language.commands import AskAgain, Record, StartStep, WakeAt
from flowloom_language.events import Change, StepFailed, StepQueued, StepStarted, StepSucceeded
from flowloom_language.interpreter import decide
from flowloom_language.plan import Plan
from flowloom_language.retries import settle_failure
from flowloom_language.state import RunState, StepState
from flowloom_language.transitions import apply

_JITTER: Final = 0.5


class OfflineRun:
    """`seen` has every step as it was last, also those that have left the state."""

    def __init__(self, plan: Plan, state: RunState, *, now: datetime) -> None:
        self.plan = plan
        self.state = state
        self.now = now
        self.seen: dict[str, StepState] = dict(state.steps)
        self.handed_out: list[str] = []
        self._timer: datetime | None = None

    def go(self) -> None:
        """Carry out all that only computes, and hand out the steps that somebody has to answer."""
        asks = True
        while asks:
            asks, self._timer = False, None
            for command in decide(self.plan, self.state, now=self.now):
                match command:
                    case Record():
                        self.record(command.event)
                    case StartStep():
                        self.record(StepQueued(path=command.path, attempt=command.attempt, at=self.now))
                        self.handed_out.append(command.path)
                    case WakeAt():
                        self._timer = command.at
                    case AskAgain():
                        asks = True
                    case _:
                        pass  # nothing leaves an offline run

    def record(self, event: Change) -> None:
        """Apply an event."""
        before = self.state
        self.state = apply(before, event)
        for path in self.state.steps.changed_since(before.steps):
            step = self.state.steps.get(path)
            if step is not None:
                self.seen[path] = step

    def wait(self) -> bool:
        """Let time pass until something is due; False when nothing ever is."""
        if self._timer is None:
            return False
        self.now = max(self.now, self._timer)
        return True

    def status(self, path: str) -> StepStatus | None:
        """Return the status of a step that is in the run now."""
        step = self.state.steps.get(path)
        return step.status if step else None

    def begin(self, path: str) -> None:
        """Somebody takes the step."""
        attempt = self.state.steps[path].attempt
        self.record(StepStarted(path=path, attempt=attempt, at=self.now))

    def succeed(self, path: str, output: JsonValue, usage: Usage) -> None:
        """The attempt ends well."""
        attempt = self.state.steps[path].attempt
        self.record(StepSucceeded(path=path, attempt=attempt, output=output, usage=usage, at=self.now))

    def fail(self, path: str, error: StepError, usage: Usage) -> None:
        """The attempt fails; retries and recovery follow as in any run."""
        attempt = self.state.steps[path].attempt
        failed = StepFailed(path=path, attempt=attempt, error=error, usage=usage, at=self.now)
        self.record(settle_failure(self.plan, self.state, failed, jitter=_JITTER))
