"""Drives the interpreter in any order against a small model that was written independently of it."""

import json
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flowloom_contracts.runs import RunStatus
from flowloom_language.interpreter import decide
from flowloom_language.plan import Plan
from flowloom_language.state import RunState, StepState
from flowloom_language.testing.driver import Driver
from flowloom_language.transitions import IllegalTransitionError

_ENDED = {"succeeded", "failed", "skipped", "cancelled"}
_IN_PROGRESS = {"queued", "running", "waiting", "retrying"}


@dataclass
class ModelStep:
    """A step as the model knows it."""

    kind: str
    needs: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    join: str = "all"
    condition: bool = True
    chooses: list[str] = field(default_factory=list)
    ignores: list[str] = field(default_factory=list)
    retries: int = 0
    status: str = "pending"
    attempt: int = 0
    due: float = 0

    def text(self, name: str) -> str:
        """Write the step in the language."""
        refs = " ".join(f"${{steps.{source}.status}}" for source in self.waits)
        retry = f"max: {self.retries}, first: 10s, jitter: false"
        body = {
            "agent": f'agent: qa, prompt: "p {refs}", retry: {{{retry}}}',
            "transform": f'transform: "{refs}"',
            "wait": f'wait: {{for: 10s}}, title: "{name}"',
            "switch": "switch: [" + self._cases() + "]",
        }[self.kind]
        condition = "" if self.condition else ', if: "${1 > 2}"'
        return f"  {name}: {{{body}, needs: [{', '.join(self.needs)}], join: {self.join}{condition}}}"

    def _cases(self) -> str:
        cases = [f'{{when: "${{false}}", then: [{", ".join(self.ignores)}]}}'] if self.ignores else []
        return ", ".join([*cases, f"{{else: [{', '.join(self.chooses)}]}}"])


class Model:
    """The rules of section 3.1, written as plainly as possible."""

    def __init__(self, steps: dict[str, ModelStep]) -> None:
        self.steps = steps
        self.run = "running"
        self.now = 0.0

    def settle(self) -> None:
        """Carry out everything that needs nobody."""
        while self.run == "running" and self._settle_one():
            pass
        if self.run == "cancelling":
            self._stop("cancelled")
        elif self.run == "running" and any(step.status == "failed" for step in self.steps.values()):
            self._stop("failed")
        elif self.run == "running" and all(step.status in _ENDED for step in self.steps.values()):
            self.run = "succeeded"

    def _settle_one(self) -> bool:
        if any(step.status == "failed" for step in self.steps.values()):
            return False
        for name, step in self.steps.items():
            before = step.status
            if step.status == "pending" and all(
                self.steps[one].status in _ENDED for one in self._sources(name)
            ):
                self._begin(name, step)
            elif step.status == "waiting" and step.due <= self.now:
                step.status = "succeeded"
            elif step.status == "retrying" and step.due <= self.now:
                step.status = "queued"
            if step.status != before:
                return True
        return False

    def _sources(self, name: str) -> set[str]:
        step = self.steps[name]
        return {*step.needs, *step.waits, *(one for one in self.steps if self._is_named(name, one))}

    def _is_named(self, name: str, switch: str) -> bool:
        return name in self.steps[switch].chooses or name in self.steps[switch].ignores

    def _begin(self, name: str, step: ModelStep) -> None:
        on = [self._switched(name, one) for one in self.steps if self._is_named(name, one)]
        on += [self.steps[one].status == "succeeded" for one in step.needs if not self._is_named(name, one)]
        runs = any(on) if step.join == "any" else all(on)
        if not runs or not step.condition:
            step.status = "skipped"
            return
        step.attempt = 1
        step.status = {"agent": "queued", "wait": "waiting"}.get(step.kind, "succeeded")
        step.due = self.now + 10

    def _switched(self, name: str, switch: str) -> bool:
        return self.steps[switch].status == "succeeded" and name in self.steps[switch].chooses

    def fail(self, name: str, *, retryable: bool) -> None:
        """An attempt fails."""
        step = self.steps[name]
        if retryable and step.attempt <= step.retries:
            step.due = self.now + min(60, 10 * 2 ** (step.attempt - 1))
            step.attempt += 1
            step.status = "retrying"
        else:
            step.status = "failed"

    def _stop(self, status: str) -> None:
        for step in self.steps.values():
            if step.status in _IN_PROGRESS:
                step.status = "cancelled"
            elif step.status == "pending":
                step.status = "skipped"
        self.run = status


def stored_and_loaded(state: RunState) -> RunState:
    """Return a state after its way through the database."""
    data = json.loads(json.dumps(state.to_json()))
    steps = [StepState.from_json(step) for step in data.pop("steps")]
    return RunState.from_json(data, data.pop("inputs"), steps)


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, ModelStep]:
    """Draw up to seven steps whose edges all point back, so that there is no cycle."""
    names = [f"s{position}" for position in range(draw(st.integers(1, 7)))]
    steps = dict[str, ModelStep]()
    for position, name in enumerate(names):
        before = names[:position]
        some = st.lists(st.sampled_from(before), unique=True, max_size=3) if before else st.just([])
        kind = draw(st.sampled_from(["agent", "agent", "transform", "wait", "switch"]))
        needs = draw(some)
        after = names[position + 1 :]
        chosen = draw(st.lists(st.sampled_from(after), unique=True, max_size=4)) if after else []
        kind = kind if chosen or kind != "switch" else "transform"
        cut = draw(st.integers(1, max(1, len(chosen))))
        steps[name] = ModelStep(
            kind=kind,
            needs=needs,
            waits=draw(some) if kind in ("agent", "transform") else [],
            join=draw(st.sampled_from(["all", "any"])) if needs else "all",
            condition=draw(st.sampled_from([True, True, True, False])),
            chooses=chosen[:cut] if kind == "switch" else [],
            ignores=chosen[cut:] if kind == "switch" else [],
            retries=draw(st.integers(0, 2)),
        )
    return steps


class InterpreterMachine(RuleBasedStateMachine):
    """Start, complete, fail, time out, cancel, duplicate, wait, in any order."""

    @initialize(steps=workflows(), order=st.randoms(use_true_random=False))
    def accept(self, steps: dict[str, ModelStep], order: "st.random.Random") -> None:  # type: ignore[name-defined]  # hypothesis hides its type
        written = list(steps)
        order.shuffle(written)
        lines = "\n".join(steps[name].text(name) for name in written)
        head = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: drawn}\nsteps:\n"
        self.run = Driver(head + lines)
        self.model = Model(steps)
        self.settle()

    def settle(self) -> None:
        self.run.go()
        self.model.settle()

    def _in(self, *statuses: str) -> list[str]:
        return [name for name, status in self.run.statuses().items() if status in statuses]

    @precondition(lambda self: self._in("queued"))
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self._in("queued")))
        self.run.start(name)
        self.model.steps[name].status = "running"

    @precondition(lambda self: self._in("running"))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self._in("running")))
        self.run.succeed(name, "answer")
        self.model.steps[name].status = "succeeded"
        self.settle()

    @precondition(lambda self: self._in("running", "queued"))
    @rule(data=st.data(), code=st.sampled_from(["timeout", "upstream", "invalid_output"]))
    def fail(self, data: st.DataObject, code: str) -> None:
        name = data.draw(st.sampled_from(self._in("running", "queued")))
        self.run.fail(name, code)
        self.model.fail(name, retryable=code != "invalid_output")
        self.settle()

    @rule(seconds=st.sampled_from([1.0, 9.0, 10.0, 30.0]))
    def sleep(self, seconds: float) -> None:
        self.run.sleep(seconds)
        self.model.now += seconds
        self.settle()

    @precondition(lambda self: not self.run.state.status.is_terminal)
    @rule()
    def cancel(self) -> None:
        self.run.cancel()
        self.model.run = "cancelling"
        self.settle()

    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.run.events))
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
        assert self.run.statuses() == {name: self.model.steps[name].status for name in self.run.statuses()}
        assert self.run.state.status.value == self.model.run
        for name, step in self.model.steps.items():
            assert self.run.state.steps[name].attempt == (step.attempt if step.status != "skipped" else 0)

    @invariant()
    def survives_being_stored(self) -> None:
        if not hasattr(self, "run"):
            return
        state = stored_and_loaded(self.run.state)
        plan = Plan.model_validate_json(self.run.plan.model_dump_json())
        assert (state, plan) == (self.run.state, self.run.plan)
        assert decide(plan, state, now=self.run.now) == decide(
            self.run.plan, self.run.state, now=self.run.now
        )

    @invariant()
    def never_stands_still_without_a_reason(self) -> None:
        if not hasattr(self, "run") or self.run.state.status is not RunStatus.RUNNING:
            return
        asleep = self._in("waiting", "retrying")
        assert self._in("queued", "running") or (asleep and self.run.timer is not None)


TestInterpreterMachine = InterpreterMachine.TestCase
TestInterpreterMachine.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
