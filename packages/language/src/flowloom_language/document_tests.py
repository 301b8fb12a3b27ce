"""Runs the tests that stand beside a workflow: offline, with the same interpreter, and without waiting."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_contracts.tests_document import TestCase, TestsDocument, TestTrigger
from flowloom_contracts.workflow import Workflow
from flowloom_language.expectations import differences
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render
from flowloom_language.expressions.values import kind
from flowloom_language.inputs import InputError, resolve_inputs
from flowloom_language.mocks import MissingMockError, MockedSteps, mocked_plan
from flowloom_language.offline_run import OfflineRun
from flowloom_language.plan import Plan, compile_plan
from flowloom_language.state import RunFacts, initial_state

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MOST_TURNS: Final = 100_000


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one test ended; `differences` has a line for everything that came out differently."""

    __test__ = False  # not a test class of pytest's

    name: str
    differences: tuple[str, ...] = ()
    status: RunStatus | None = None
    steps: int = 0
    """How many steps were carried out."""

    @property
    def passed(self) -> bool:
        """Whether all that is written came out."""
        return not self.differences


def run_tests(workflow: Workflow, tests: TestsDocument | Iterable[TestCase]) -> list[TestResult]:
    """Return the result of each test, in their order; a valid workflow and valid tests are expected."""
    plan = compile_plan(workflow)
    cases = tests.tests if isinstance(tests, TestsDocument) else tests
    return [_run(workflow, plan, case) for case in cases]


def _run(workflow: Workflow, plan: Plan, case: TestCase) -> TestResult:
    start = datetime.fromisoformat(case.now) if case.now else _START
    try:
        trigger = _trigger_scope(case.trigger) if case.trigger else None
        written = case.inputs if trigger is None else _inputs_of(workflow, case, trigger)
        inputs = resolve_inputs(workflow.inputs, written)
    except InputError as error:
        return TestResult(case.name, tuple(f"{one.path}: {one.message}" for one in error.errors))
    except ExpressionError as error:
        return TestResult(case.name, (f"trigger: {error}",))
    facts = RunFacts(id="test", workflow=plan.name, version="draft", trigger=trigger, started_at=start)
    try:
        run = carried_out(plan, case, facts, inputs)
    except MissingMockError as error:
        return TestResult(case.name, (str(error),))
    found = differences(case.expect, run.state, run.seen)
    if not found and not run.state.status.is_terminal and case.expect.status != "waiting":
        found = [f"status: the run does not end, it is {run.state.status.value}"]
    return TestResult(case.name, tuple(found), run.state.status, len(run.seen))


def carried_out(plan: Plan, case: TestCase, facts: RunFacts, inputs: JsonObject) -> OfflineRun:
    """Return the run of a case as it ended; raises MissingMockError."""
    mocked = mocked_plan(plan, case.mocks)
    run = OfflineRun(mocked, initial_state(facts, inputs, mocked), now=facts.started_at)
    _to_the_end(run, MockedSteps(plan, case.mocks), stops_at_waiting=case.expect.status == "waiting")
    return run


def _inputs_of(workflow: Workflow, case: TestCase, trigger: JsonObject) -> JsonObject:
    named = case.trigger.id if case.trigger else ""
    found = next((one for one in workflow.triggers if one.id == named), None)
    if found is None:
        raise ExpressionError(f"the workflow has no trigger {named!r}.")
    written: JsonValue = found.inputs if isinstance(found.inputs, str) else dict(found.inputs)
    inputs = render(written, {"trigger": trigger})
    if not isinstance(inputs, dict):
        raise ExpressionError(f"the inputs are a map, not {kind(inputs)}.")
    return inputs


def _trigger_scope(trigger: TestTrigger) -> JsonObject:
    written: JsonObject = trigger.model_dump(mode="json", exclude_unset=True)
    return written


def _to_the_end(run: OfflineRun, mocks: MockedSteps, *, stops_at_waiting: bool) -> None:
    """Answer what is handed out, and let time pass when nothing else happens."""
    for _ in range(_MOST_TURNS):
        run.go()
        if run.state.status.is_terminal or (stops_at_waiting and run.state.status is RunStatus.WAITING):
            return
        queued = [path for path in run.handed_out if run.status(path) is StepStatus.QUEUED]
        for path in queued:
            if run.status(path) is StepStatus.QUEUED:
                mocks.answer(run, path)
        run.handed_out = [path for path in run.handed_out if run.status(path) is StepStatus.QUEUED]
        if not queued and not run.wait():
            return
