"""Drives loops, recovery, taking back, pause and kill in any order against a model written for itself."""

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_language.events import RunPaused, RunResumed, RunWaiting
from flowloom_language.interpreter import decide
from flowloom_language.state import RunState, StepState
from flowloom_language.testing.driver import Driver
from flowloom_language.testing.nested_model import NestedModel, Spec
from flowloom_language.transitions import IllegalTransitionError

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: drawn}\nsteps:\n"
_RECOVERIES = ["", "", "continue", "do"]
_GOING_ON = (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.PAUSED)


def _stored_and_loaded(state: RunState) -> RunState:
    data = json.loads(json.dumps(state.to_json()))
    steps = [StepState.from_json(step) for step in data.pop("steps")]
    return RunState.from_json(data, data.pop("inputs"), steps)


@st.composite
def _specs(draw: st.DrawFn, depth: int = 0) -> list[Spec]:
    kinds = ["agent", "agent", "pure", "ask", "loop"] if depth < 2 else ["agent", "pure", "ask"]
    specs = list[Spec]()
    for position in range(draw(st.integers(1, 4 if depth == 0 else 2))):
        before = [one.name for one in specs]
        kind = draw(st.sampled_from(kinds))
        specs.append(
            Spec(
                name=f"s{position}",
                kind=kind,
                needs=draw(st.lists(st.sampled_from(before), unique=True, max_size=2)) if before else [],
                retries=draw(st.integers(0, 1)),
                on_error=draw(st.sampled_from(["", "", "continue", "do"]))
                if kind in ("agent", "loop")
                else "",
                undo=draw(st.booleans()),
                items=draw(st.integers(0, 3)),
                parallel=draw(st.integers(1, 2)),
                collect=draw(st.booleans()),
                inner=draw(_specs(depth=depth + 1)) if kind == "loop" else [],
            )
        )
    return specs


class NestedMachine(RuleBasedStateMachine):
    """Start, complete, fail, decide, cancel, kill, pause, resume, wait, repeat."""

    @initialize(specs=_specs())
    def accept(self, specs: list[Spec]) -> None:
        self.run = Driver(_HEAD + "\n".join(f"  {spec.text()}" for spec in specs))
        self.model = NestedModel(specs)
        self.settle()

    def settle(self) -> None:
        self.run.go()
        self.model.settle()

    def _in(self, *statuses: str) -> list[str]:
        steps = self.run.state.steps.items()
        return [
            path
            for path, step in steps
            if step.status.value in statuses and step.kind == "agent" and step.recovering is None
        ]

    @precondition(lambda self: self._in("queued") and self.run.state.status is not RunStatus.PAUSED)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._in("queued")))
        self.run.start(path)
        self.model.status[path] = "running"

    @precondition(lambda self: self._in("running"))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._in("running")))
        self.run.succeed(path, "answer")
        self.model.succeed(path)
        self.settle()

    @precondition(lambda self: self._in("running", "queued"))
    @rule(data=st.data(), code=st.sampled_from(["timeout", "invalid_output"]))
    def fail(self, data: st.DataObject, code: str) -> None:
        path = data.draw(st.sampled_from(self._in("running", "queued")))
        self.run.fail(path, code)
        self.model.fail(path, retryable=code == "timeout")
        self.settle()

    @precondition(lambda self: self._asking())
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._asking()))
        self.run.decide(path, "approve")
        self.model.succeed(path)
        self.settle()

    def _asking(self) -> list[str]:
        is_paused = self.run.state.status is RunStatus.PAUSED
        steps = self.run.state.steps.items()
        return [
            path
            for path, step in steps
            if step.decision and step.decided is None and not is_paused and step.status is StepStatus.WAITING
        ]

    @rule(seconds=st.sampled_from([1.0, 10.0, 30.0]))
    def sleep(self, seconds: float) -> None:
        self.run.sleep(seconds)
        self.model.now += seconds
        self.settle()

    @precondition(lambda self: self.run.state.status in (RunStatus.RUNNING, RunStatus.WAITING))
    @rule()
    def pause(self) -> None:
        self.run.pause()
        self.model.paused = True
        self.settle()

    @precondition(lambda self: self.run.state.status is RunStatus.PAUSED)
    @rule()
    def resume(self) -> None:
        self.run.resume()
        self.model.paused = False
        self.settle()

    @precondition(lambda self: self.run.state.status in _GOING_ON)
    @rule(kill=st.sampled_from([False, False, True]))
    def end(self, kill: bool) -> None:
        if kill:
            self.run.kill()
        else:
            self.run.cancel()
        self.model.cancel(kill=kill)
        self.settle()

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.run.events))
        if isinstance(event, RunPaused | RunResumed | RunWaiting):
            return
        before = self.run.state
        try:
            self.run.record(event)
        except IllegalTransitionError:
            assert self.run.state is before
        else:
            raise AssertionError(f"{event} was accepted twice")

    @invariant()
    def agrees_with_the_model(self) -> None:
        if not hasattr(self, "run"):
            return
        assert self.run.state.status.value == self.model.shown()
        assert self.run.statuses() == {path: self.model.status[path] for path in self.run.statuses()}
        assert {path: step.status.value for path, step in self.run.seen.items()} == self.model.status
        for path, step in self.run.seen.items():
            if step.kind == "agent" and step.status.value != "skipped":
                assert step.attempt == self.model.attempt[path]

    @invariant()
    def decides_the_same_after_being_stored(self) -> None:
        if not hasattr(self, "run"):
            return
        state = _stored_and_loaded(self.run.state)
        assert state == self.run.state
        now = self.run.now
        assert decide(self.run.plan, state, now=now) == decide(self.run.plan, self.run.state, now=now)


TestNestedMachine = NestedMachine.TestCase
TestNestedMachine.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
