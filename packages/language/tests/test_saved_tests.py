"""A run is saved as a test that passes, without secrets and personal data."""

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_language.document import validate_document
from flowloom_language.document_tests import run_tests
from flowloom_language.personal_data import PersonalData
from flowloom_language.saved_tests import save_as_test
from flowloom_language.testing.driver import Driver
from flowloom_language.tests_document import validate_tests

_SOURCE = """apiVersion: flowloom/v1
kind: Workflow
metadata: {name: t}
inputs: {type: object, properties: {mail: {type: string}}}
steps:
  plan: {agent: qa, prompt: "Write to ${inputs.mail}"}
  each:
    loop: {over: [1, 2]}
    do: {x: {agent: qa, prompt: "${item}"}}
    output: "${steps.x.output}"
  send:
    http: {method: POST, url: "https://x.example", body: "${steps.plan.output}"}
    on_error: continue
    needs: [each]
  ask: {approval: {title: Good?}, needs: [send]}
outputs: {plan: "${steps.plan.output}", each: "${steps.each.output}", length: "${size(inputs.mail)}"}
"""


def _finished() -> Driver:
    run = Driver(_SOURCE, {"mail": "anna.smith@firm.com"})
    answers: dict[str, JsonValue] = {
        "plan": "Dear anna.smith@firm.com, call +49 30 1234567, key sk-abcdefghijklmnop123456.",
        "each[0].x": "one",
        "each[1].x": "two",
    }
    while started := run.go():
        for path in started:
            run.start(path)
            if path == "send":
                run.fail(path, "503")
            else:
                run.succeed(path, answers[path])
    run.decide("ask", "approve", by="anna.smith@firm.com")
    run.go()
    assert run.state.status.is_terminal
    return run


def test_the_saved_test_passes() -> None:
    run = _finished()
    saved = save_as_test(run.plan, run.state, run.seen.values(), name="as it was")
    workflow = validate_document(_SOURCE).workflow
    assert workflow is not None
    validated = validate_tests(saved.tests, workflow)
    assert validated.document is not None, validated.problems
    (result,) = run_tests(workflow, validated.document)
    assert result.differences == ()
    case = validated.document.tests[0]
    assert case.expect.status == "succeeded"
    assert case.expect.outputs is not None
    assert case.expect.outputs["each"] == ["one", "two"]


def test_nothing_personal_is_in_it() -> None:
    run = _finished()
    saved = save_as_test(run.plan, run.state, run.seen.values())
    for text in ("anna", "smith", "firm.com", "1234567", "sk-abc"):
        assert text not in saved.tests
    assert "inputs.mail: a mail address" in saved.removed
    assert saved.tests.count("person1@example.com") > 2


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a@b.org", "person1@example.com"),
        ("see team@example.com", "see team@example.com"),
        ("Bearer abcdef0123456789", "removed-1"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM", "removed-1"),
        ("id 5f2b9c8d7e6f5a4b3c2d1e0f9a8b7c6d", "id removed-1"),
        ("card 4111 1111 1111 1111", "card 10000001"),
        ("+44 20 7946 0958", "555-0101"),
        ("030/123 45 67", "555-0101"),
        ("on 2026-01-31 at 10:00", "on 2026-01-31 at 10:00"),
        ("3.14159265358979", "3.14159265358979"),
        ("2024 was good, 15000 too", "2024 was good, 15000 too"),
        ({"password": "hunter2"}, {"password": "removed-1"}),
        ({"tokens": 12}, {"tokens": 12}),
        (491701234567, 10000001),
        ([True, None, 1.5], [True, None, 1.5]),
    ],
)
def test_what_is_removed_and_what_stays(value: JsonValue, kept: JsonValue) -> None:
    assert PersonalData().without(value, "x") == kept
