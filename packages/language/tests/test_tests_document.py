"""Problems of the tests beside a workflow, with their places."""

from pathlib import Path

import pytest

from flowloom_language.document import validate_document
from flowloom_language.tests_document import run_paths, validate_tests

_FOLDER = Path(__file__).parent
_WORKFLOW = validate_document((_FOLDER / "published" / "market-brief.yaml").read_bytes()).workflow
_WHOLE = validate_document((_FOLDER / "whole_language.yaml").read_bytes()).workflow


def _found(case: str, *, is_known: bool = True) -> list[tuple[str, str]]:
    source = f"tests:\n  - {{name: a, inputs: {{topic: buses}}, {case}}}\n"
    problems = validate_tests(source, _WORKFLOW if is_known else None).problems
    return [(one.code.value, one.path.removeprefix("tests[0].")) for one in problems]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("expect: {}", []),
        ("expect: {}, mocks: {plan: {output: [a]}, send.on_error.tell: {output: {}}}", []),
        ("expect: {steps: {'polish[1].check': {}, 'research[0]': {}}, error: {step: polish}}", []),
        ("mocks: {}", [("missing_field", "expect")]),
        ("expect: {}, mock: {}", [("unknown_field", "mock")]),
        ("expect: {statu: x}", [("unknown_field", "expect.statu")]),
        ("expect: {status: done}", [("invalid_value", "expect.status")]),
        ("expect: {}, mocks: {plann: {output: []}}", [("unknown_step", "mocks.plann")]),
        ("expect: {}, mocks: {found: {output: []}}", [("unknown_step", "mocks.found")]),
        ("expect: {}, mocks: {'research[0].found': {output: 1}}",
         [("invalid_value", "mocks.research[0].found")]),
        ("expect: {}, mocks: {send: {}}", [("missing_field", "mocks.send")]),
        ("expect: {}, mocks: {send: []}", [("invalid_value", "mocks.send")]),
        ("expect: {}, mocks: {send: {output: 1, error: {code: auth}}}", [("invalid_value", "mocks.send")]),
        ("expect: {}, mocks: {send: {error: {code: nope}}}", [("invalid_value", "mocks.send.error.code")]),
        ("expect: {}, mocks: {plan: [{output: []}, {output: 7}]}", [("wrong_type", "mocks.plan[1].output")]),
        ("expect: {}, mocks: {polish.check: {output: {score: 1}}}",
         [("missing_field", "mocks.polish.check.output")]),
        ("expect: {steps: {polish.chek: {}}}", [("unknown_step", "expect.steps.polish.chek")]),
        ("expect: {error: {step: nowhere}}", [("unknown_step", "expect.error.step")]),
        ("expect: {outputs: {brif: x}}", [("unknown_name", "expect.outputs.brif")]),
        ("expect: {}, now: 2027-01-31", [("invalid_value", "now")]),
        ("expect: {}, trigger: {id: weekly}", [("invalid_value", "inputs")]),
    ],
)  # fmt: skip
def test_names_the_problem_and_its_place(case: str, expected: list[tuple[str, str]]) -> None:
    assert _found(case) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("tests: [{name: a, inputs: {}, expect: {}}]", ["missing_field tests[0].inputs"]),
        ("tests: [{name: a, inputs: {topic: b, depth: 90}, expect: {}}]",
         ["invalid_value tests[0].inputs.topic", "invalid_value tests[0].inputs.depth"]),
        ("tests: [{name: a, trigger: {id: weekl}, expect: {}}]", ["unknown_name tests[0].trigger.id"]),
        ("tests: [{name: a, trigger: {id: weekly, due_at: soon}, expect: {}}]",
         ["invalid_value tests[0].trigger.due_at"]),
        ("tests: [{name: a, expect: {}}, {name: a, expect: {}}]", ["missing_field tests[0].inputs",
         "missing_field tests[1].inputs", "duplicate_key tests[1].name"]),
        ("tests: []", ["invalid_value tests"]),
        ("[]", ["wrong_type "]),
        ("tests: [", ["yaml_syntax "]),
        ("", ["wrong_type "]),
    ],
)  # fmt: skip
def test_names_problems_of_the_whole(source: str, expected: list[str]) -> None:
    found = validate_tests(source, _WORKFLOW)
    assert [f"{one.code.value} {one.path}" for one in found.problems] == expected
    assert found.document is None


def test_only_the_form_is_checked_without_a_workflow() -> None:
    assert _found("expect: {}, mocks: {nowhere: {output: 1}}", is_known=False) == []
    assert _found("expect: {}, mocks: {nowhere: {outpt: 1}}", is_known=False) == [
        ("unknown_field", "mocks.nowhere.outpt"),
    ]


def test_paths_of_a_run_lead_through_loops_recovery_and_undo() -> None:
    assert _WHOLE is not None
    assert {
        "research.book.undo",
        "publish.on_error.tell",
        "polish.parts.part",
        "on_failure.tell",
    } < run_paths(_WHOLE).keys()
