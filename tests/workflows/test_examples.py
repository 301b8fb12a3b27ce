"""The examples are for readers: each is valid, its tests pass, and together they show every kind of step."""

from pathlib import Path

import pytest

from flowloom_contracts.workflow import STEP_KINDS
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from flowloom_language.document_tests import run_tests
from flowloom_language.tests_document import run_paths, validate_tests

FOLDER = Path(__file__).parents[2] / "examples" / "workflows"
EXAMPLES = sorted(file for file in FOLDER.glob("*.yaml") if not file.name.endswith(".tests.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_example_is_valid_and_its_tests_pass(file: Path) -> None:
    document = validate_document(file.read_text(encoding="utf-8"), THIS_BUILD)
    assert document.problems == ()
    assert document.workflow is not None
    beside = file.with_name(f"{file.stem}.tests.yaml")
    tests = validate_tests(beside.read_text(encoding="utf-8"), document.workflow)
    assert tests.problems == ()
    assert tests.document is not None
    results = run_tests(document.workflow, tests.document)
    assert results
    assert [(result.name, result.differences) for result in results if not result.passed] == []


def test_examples_show_every_step_kind() -> None:
    shown = set[str]()
    for file in EXAMPLES:
        workflow = validate_document(file.read_text(encoding="utf-8"), THIS_BUILD).workflow
        assert workflow is not None
        shown |= {step.kind for step in run_paths(workflow).values()}
    assert shown == set(STEP_KINDS)
    assert len(EXAMPLES) >= 12
