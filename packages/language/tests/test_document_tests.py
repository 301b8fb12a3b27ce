"""Document tests: mocks by index and attempt, instant timers, steps that may not act outside, differences."""

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import RunStatus
from flowloom_contracts.tests_document import TestCase
from flowloom_language.document import validate_document
from flowloom_language.document_tests import TestResult, run_tests
from flowloom_language.tests_document import validate_tests

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
_BRIEF = (
    _HEAD
    + """inputs: {type: object, required: [topic], properties: {topic: {type: string}}}
steps:
  plan: {agent: research, prompt: "${inputs.topic}", output: {type: array, items: {type: string}}}
  research:
    loop: {over: "${steps.plan.output}", as: question, parallel: 2, on_item_error: collect}
    do: {answer: {agent: research, prompt: "${question}", retry: {max: 1}}}
    output: "${steps.answer.output}"
  ask: {approval: {title: Send?, expires: 2d}, needs: [research]}
  send:
    if: "${steps.ask.output.decision == 'approve'}"
    http: {method: POST, url: "https://x.example", body: "${steps.research.output}"}
outputs: {found: "${steps.research.output}", sent: "${default(steps.send.output.status, 0)}"}
"""
)


def _results(tests: str, source: str = _BRIEF) -> list[TestResult]:
    validated = validate_document(source)
    assert validated.workflow is not None, validated.problems
    known = validate_tests(tests, validated.workflow)
    assert known.document is not None, known.problems
    return run_tests(validated.workflow, known.document)


def _result(case: str, source: str = _BRIEF) -> TestResult:
    indented = "".join(f"    {line}\n" for line in case.strip().splitlines())
    return _results(f"tests:\n  - name: case\n{indented}", source)[0]


_MOCKS = """
inputs: {topic: buses}
mocks:
  plan: {output: [a, b, c]}
  research.answer: [{output: A}, {output: B}, {error: {code: upstream}}]
  ask: {output: {decision: approve}}
  send: {output: {status: 201, headers: {}, body: {}}}
"""


def test_passes_when_all_that_is_written_comes_out() -> None:
    result = _result(
        _MOCKS
        + """
expect:
  status: succeeded
  steps:
    "research[2].answer": {status: failed, error: {code: upstream}, attempts: 2}
    send: {status: succeeded}
  outputs: {found: [A, B, {error: {code: upstream, message: The test says so.}}], sent: 201}
"""
    )
    assert result.differences == ()
    assert result.passed


def test_says_what_is_different() -> None:
    result = _result(
        _MOCKS
        + """
expect:
  status: failed
  steps: {send: {status: skipped}, plan: {output: [a, x, c]}, nowhere: {status: failed}}
  outputs: {sent: 200}
""".replace(", nowhere: {status: failed}", "")
    )
    assert result.differences == (
        "status: expected failed, got succeeded",
        "outputs.sent: expected 200, got 201",
        "steps.send.status: expected skipped, got succeeded",
        'steps.plan.output[1]: expected "x", got "b"',
    )


def test_a_step_that_acts_outside_needs_a_mock() -> None:
    result = _result(_MOCKS.replace("  send:", "  # send:") + "expect: {status: succeeded}")
    assert result.differences == (
        "send: this http step acts outside and has no mock. Write mocks: {send: {output: …}}.",
    )


def test_time_passes_at_once() -> None:
    result = _result(
        _MOCKS.replace("  ask:", "  # ask:")
        + "expect: {status: succeeded, steps: {send: {status: skipped}, ask: {status: succeeded}}}"
    )
    assert result.differences == ()


def test_a_run_may_be_left_waiting() -> None:
    result = _result(_MOCKS.replace("  ask:", "  # ask:") + "expect: {status: waiting}")
    assert (result.differences, result.status) == ((), RunStatus.WAITING)


def _unchecked(case: JsonObject) -> TestResult:
    workflow = validate_document(_BRIEF).workflow
    assert workflow is not None
    return run_tests(workflow, [TestCase.model_validate(case)])[0]


def test_inputs_that_do_not_fit_are_told() -> None:
    result = _unchecked({"name": "x", "expect": {"status": "succeeded"}})
    assert result.differences == ("inputs.topic: 'topic' is a required property.",)


def test_an_answer_against_its_schema_is_no_answer() -> None:
    result = _unchecked(
        {
            "name": "x",
            "inputs": {"topic": "buses"},
            "mocks": {"plan": {"output": 5}},
            "expect": {"error": {"code": "invalid_output", "step": "plan"}},
        }
    )
    assert result.passed


@pytest.mark.parametrize(
    ("written", "status"),
    [("transform: 1", "succeeded"), ("workflow: other", "succeeded"), ("emit: {topic: x}", "succeeded")],
)
def test_any_kind_may_be_mocked(written: str, status: str) -> None:
    source = f"{_HEAD}steps: {{a: {{{written}}}, b: {{transform: '${{steps.a.output.x}}'}}}}\n"
    case = f"mocks: {{a: {{output: {{x: 3}}}}}}\nexpect: {{status: {status}, steps: {{b: {{output: 3}}}}}}"
    assert _result(case, source).differences == ()


def test_a_mock_may_use_up_the_budget() -> None:
    source = _HEAD + "steps: {a: {agent: qa, prompt: x, budget: {tokens: 10}}}\n"
    expect = "expect: {status: waiting, steps: {a: {status: waiting}}}"
    case = f"mocks: {{a: {{output: x, usage: {{tokens: 11}}}}}}\n{expect}"
    assert _result(case, source).differences == ()


def test_a_trigger_gives_the_inputs() -> None:
    source = (
        _HEAD
        + "inputs: {type: object, properties: {n: {type: integer}}}\n"
        + 'triggers: [{id: hook, webhook: {auth: none}, inputs: {n: "${trigger.body.n}"}}]\n'
        + 'steps: {a: {transform: "${inputs.n}"}}\noutputs: {n: "${steps.a.output}"}\n'
    )
    case = "trigger: {id: hook, body: {n: 4}}\nexpect: {status: succeeded, outputs: {n: 4}}"
    assert _result(case, source).differences == ()
