"""Validates the tests beside a workflow: their form, and that what they name exists in the workflow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import DocumentProblem, ProblemCode
from flowloom_contracts.tests_document import TestsDocument
from flowloom_contracts.workflow import Workflow
from flowloom_language.argument_checks import check_value, report_misfit
from flowloom_language.document import read_draft
from flowloom_language.draft import Draft, Path
from flowloom_language.inputs import with_defaults
from flowloom_language.json_schemas import schema_errors
from flowloom_language.known_fields import fields_of_tests
from flowloom_language.model_problems import report_model_problems
from flowloom_language.problems import EnoughProblemsError, ProblemList, did_you_mean
from flowloom_language.value_checks import is_time
from flowloom_language.written_steps import Block, WrittenStep, written_steps

_INDEX: Final = re.compile(r"\[[0-9]{1,6}\]")


@dataclass(frozen=True, slots=True)
class ValidatedTests:
    """`document` is None if any problem is an error."""

    problems: tuple[DocumentProblem, ...]
    document: TestsDocument | None


def validate_tests(source: str | bytes, workflow: Workflow | None = None) -> ValidatedTests:
    """Return every problem of a tests document, in the order of its text; never raises.

    Without a workflow only the form is checked.
    """
    problems = ProblemList()
    document: TestsDocument | None = None
    try:
        draft = read_draft(source, problems, hint="Begin with tests: and a list of cases.")
        if draft is not None:
            document = _structure(draft)
            _check_cases(draft, workflow)
    except EnoughProblemsError:
        document = None
    return ValidatedTests(problems.in_order(), None if problems.has_errors else document)


def run_paths(workflow: Workflow) -> dict[str, WrittenStep]:
    """Return the steps of a workflow by their paths in a run, without loop indexes."""
    data: JsonObject = workflow.model_dump(mode="json", by_alias=True, exclude_unset=True)
    _, steps = written_steps(data)
    return {_run_path(step): step for step in steps}


def _run_path(step: WrittenStep) -> str:
    parts = [step.id]
    block: Block | None = step.block
    while block is not None:
        if block.kind == "on_failure":
            parts.append("on_failure")
        elif block.kind == "recovery":
            parts.append("on_error")
        if block.owner is None:
            break
        parts.append(block.owner)
        block = block.outer
    return ".".join(reversed(parts))


def _structure(draft: Draft) -> TestsDocument | None:
    try:
        return TestsDocument.model_validate(draft.data)
    except ValidationError as error:
        report_model_problems(draft, error, fields_of_tests)
    return None


def _check_cases(draft: Draft, workflow: Workflow | None) -> None:
    cases = draft.data.get("tests")
    seen = set[str]()
    steps = None if workflow is None else run_paths(workflow)
    for position, case in enumerate(cases if isinstance(cases, list) else ()):
        if not isinstance(case, dict):
            continue
        path: Path = ("tests", position)
        name = case.get("name")
        if isinstance(name, str) and name in seen:
            message = f"Two tests are called {name[:60]!r}."
            draft.report(ProblemCode.DUPLICATE_KEY, (*path, "name"), message, hint="Rename one of them.")
        seen.add(str(name))
        for place in ((*path, "now"), (*path, "trigger", "due_at"), (*path, "trigger", "at")):
            _check_time(draft, place)
        if workflow is not None and steps is not None:
            _check_case(draft, path, case, workflow=workflow, steps=steps)


def _check_case(
    draft: Draft, path: Path, case: JsonObject, *, workflow: Workflow, steps: Mapping[str, WrittenStep]
) -> None:
    if "trigger" in case:
        _check_trigger(draft, path, case, workflow)
    else:
        _check_inputs(draft, (*path, "inputs"), case.get("inputs", {}), workflow)
    mocks = case.get("mocks")
    for name, mock in mocks.items() if isinstance(mocks, dict) else ():
        if _check_mocked_path(draft, (*path, "mocks", name), name, steps):
            _check_mock(draft, (*path, "mocks", name), mock, steps[name])
    expect = case.get("expect")
    if not isinstance(expect, dict):
        return
    expected = expect.get("steps")
    for name in expected if isinstance(expected, dict) else ():
        _check_path(draft, (*path, "expect", "steps", name), name, steps, at_key=True)
    error = expect.get("error")
    step = error.get("step") if isinstance(error, dict) else None
    if isinstance(step, str):
        _check_path(draft, (*path, "expect", "error", "step"), step, steps)
    outputs = expect.get("outputs")
    for name in outputs if isinstance(outputs, dict) else ():
        if name not in workflow.outputs:
            message, hint = f"There is no output {name[:60]!r}.", did_you_mean(name, workflow.outputs)
            place: Path = (*path, "expect", "outputs", name)
            draft.report(ProblemCode.UNKNOWN_NAME, place, message, hint=hint, at_key=True)


def _check_trigger(draft: Draft, path: Path, case: JsonObject, workflow: Workflow) -> None:
    if "inputs" in case:
        message = "A test starts with inputs or by a trigger, not with both."
        draft.report(ProblemCode.INVALID_VALUE, (*path, "inputs"), message, at_key=True)
    trigger = case["trigger"]
    name = trigger.get("id") if isinstance(trigger, dict) else None
    known = [one.id for one in workflow.triggers]
    if isinstance(name, str) and name not in known:
        message, hint = f"The workflow has no trigger {name[:60]!r}.", did_you_mean(name, known)
        draft.report(ProblemCode.UNKNOWN_NAME, (*path, "trigger", "id"), message, hint=hint)


def _check_inputs(draft: Draft, path: Path, inputs: JsonValue, workflow: Workflow) -> None:
    if workflow.inputs is None or not isinstance(inputs, dict):
        return
    for error in schema_errors(workflow.inputs, with_defaults(workflow.inputs, inputs)):
        report_misfit(draft, (*path, *error.absolute_path), error)


def _check_mocked_path(draft: Draft, path: Path, name: str, steps: Mapping[str, WrittenStep]) -> bool:
    if _INDEX.search(name) and _INDEX.sub("", name) in steps:
        draft.report(
            ProblemCode.INVALID_VALUE,
            path,
            "A mock is for all items of a loop.",
            hint=f"Write {_INDEX.sub('', name)}: [first, second, …].",
            at_key=True,
        )
        return False
    return _check_path(draft, path, name, steps, at_key=True)


def _check_path(
    draft: Draft, path: Path, name: str, steps: Mapping[str, WrittenStep], *, at_key: bool = False
) -> bool:
    if _INDEX.sub("", name) in steps:
        return True
    hint = did_you_mean(name, steps) or next(
        (f"Did you mean {known}?" for known in steps if known.endswith(f".{name}")), None
    )
    draft.report(
        ProblemCode.UNKNOWN_STEP, path, f"The workflow has no step {name[:70]!r}.", hint=hint, at_key=at_key
    )
    return False


def _check_mock(draft: Draft, path: Path, mock: JsonValue, step: WrittenStep) -> None:
    """The output of a mocked answer must fit its schema: a real one would have to, too."""
    schema = step.data.get("output") if step.kind in ("agent", "llm") else None
    if not isinstance(schema, dict):
        return
    for position, one in enumerate(mock if isinstance(mock, list) else [mock]):
        if isinstance(one, dict) and "output" in one:
            inside: Path = (*path, position, "output") if isinstance(mock, list) else (*path, "output")
            check_value(draft, inside, schema, one["output"])


def _check_time(draft: Draft, path: Path) -> None:
    written = draft.value(path)
    if isinstance(written, str) and not is_time(written):
        message = f"{written[:60]!r} is not a time with its zone."
        draft.report(
            ProblemCode.INVALID_VALUE, path, message, hint="Write it like 2027-01-31T08:00:00Z, in quotes."
        )
