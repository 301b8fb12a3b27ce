"""Writes a test from a real run: its inputs, what its steps answered, and what an offline run makes of it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import yaml

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import RunStatus, SavedTest, StepStatus
from flowloom_contracts.tests_document import TestCase
from flowloom_language.document_tests import carried_out
from flowloom_language.mocks import MissingMockError
from flowloom_language.offline_run import OfflineRun
from flowloom_language.personal_data import PersonalData
from flowloom_language.plan import SLOW_KINDS, Plan
from flowloom_language.state import RunFacts, RunState, StepState

_INDEX: Final = re.compile(r"\[(\d+)\]")
_ANSWERED: Final = SLOW_KINDS | {"workflow", "approval", "wait"}
_ENDED: Final = (StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.REUSED)
_LONGEST_NAME: Final = 200


def save_as_test(
    plan: Plan, state: RunState, steps: Iterable[StepState], *, name: str | None = None
) -> SavedTest:
    """Return a test that passes offline now: YAML text, and what was removed from it.

    `steps` are all the steps of the run, also those that have left its state, with their large values put
    in. Mail addresses, phone numbers, long numbers and everything that looks like a secret are replaced, the
    same text always by the same.
    """
    personal = PersonalData()
    inputs = personal.without(state.inputs, "inputs")
    mocks = {path: personal.without(mock, f"mocks.{path}") for path, mock in _mocks(plan, steps).items()}
    written: JsonObject = {
        "name": (name or f"as run {state.run.id}")[:_LONGEST_NAME],
        "inputs": inputs,
        "mocks": mocks,
        "now": state.run.started_at.isoformat(),
        "expect": {"status": "succeeded"},
    }
    case = TestCase.model_validate({**written, "expect": {}})
    facts = state.run.model_copy(
        update={"id": "test", "trigger": personal.without(state.run.trigger, "trigger")}
    )
    written["expect"] = _expectation(plan, case, RunFacts(**facts.model_dump()), personal)
    text = yaml.safe_dump({"tests": [written]}, sort_keys=False, allow_unicode=True, width=100)
    return SavedTest(tests=text, removed=list(personal.removed))


def _mocks(plan: Plan, steps: Iterable[StepState]) -> dict[str, JsonValue]:
    """By path without indexes; in a loop a list by index, in which steps that did not run are null."""
    found = dict[str, dict[int, JsonValue]]()
    for step in steps:
        if step.kind not in _ANSWERED or step.status not in _ENDED or _is_timer(plan, step):
            continue
        indexes = _INDEX.findall(step.path)
        index = int(indexes[-1]) if indexes else -1
        found.setdefault(_INDEX.sub("", step.path), {})[index] = _mock(step)
    return {path: _listed(mocks) for path, mocks in found.items()}


def _is_timer(plan: Plan, step: StepState) -> bool:
    wait = getattr(plan.at(step.path).step, "wait", None)
    return step.kind == "wait" and (wait is None or wait.event is None)


def _mock(step: StepState) -> JsonValue:
    error = step.error
    if error is not None and (step.status is StepStatus.FAILED or step.recovered):
        return {"error": {"code": error.code, "message": error.message}}
    return {"output": step.output}


def _listed(mocks: dict[int, JsonValue]) -> JsonValue:
    if -1 in mocks:
        return mocks[-1]
    return [mocks.get(index, {"output": None}) for index in range(max(mocks) + 1)]


def _expectation(plan: Plan, case: TestCase, facts: RunFacts, personal: PersonalData) -> JsonObject:
    """What an offline run makes of the case: it differs from the real one where time or people ended that."""
    try:
        run = carried_out(plan, case, facts, case.inputs)
    except MissingMockError as error:
        personal.removed[f"expect: {error}"] = None
        return {"steps": {}}
    expect: JsonObject = {}
    status = run.state.status
    if status.is_terminal or status is RunStatus.WAITING:
        expect["status"] = status.value
    expect["steps"] = {path: {"status": step} for path, step in _statuses(plan, run)}
    if run.state.outputs is not None and run.state.outputs:
        expect["outputs"] = run.state.outputs
    failed = run.state.error
    if failed is not None:
        known: JsonObject = {"code": failed.code}
        expect["error"] = known | {"step": failed.step} if failed.step else known
    return expect


def _statuses(plan: Plan, run: OfflineRun) -> Iterator[tuple[str, str]]:
    known = ("succeeded", "failed", "skipped", "cancelled", "waiting", "reused")
    for planned in plan.steps:
        step = run.seen.get(planned.path)
        if step is not None and step.status.value in known:
            yield planned.path, step.status.value
