"""Reading and judging a model's answer, and building the task that asks for it."""

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_language.answers import InvalidAnswerError, check_output, parse_answer
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.tasks import build_task
from flowloom_language.testing.driver import Driver

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"


def _driver(step: str) -> Driver:
    run = Driver(f"{_HEAD}inputs: {{type: object}}\nsteps: {{a: {{{step}}}}}", {"word": "end", "n": 2})
    run.go()
    return run


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ("{type: object}", '{"a": 1}', {"a": 1}),
        ("{type: object}", '```json\n{"a": 1}\n```', {"a": 1}),
        ("{type: object}", 'Sure! {"a": 1} Anything else?', {"a": 1}),
        ("{type: object}", '{"value": 1}', {"value": 1}),
        ("{type: array}", '{"value": [1]}', [1]),
        ("{type: array}", "The list [draft] is [1, 2].", [1, 2]),
        ("{type: number}", "0.5", 0.5),
        ("{type: number}", '{"value": 0.5}', 0.5),
        ("{type: string}", '"text"', "text"),
        ("{type: boolean}", "  true\n", True),
    ],
)
def test_finds_the_json_of_an_answer(schema: str, text: str, value: JsonValue) -> None:
    run = _driver(f"agent: qa, prompt: x, output: {schema}")
    assert parse_answer(run.plan, "a", text) == value


@pytest.mark.parametrize("text", ["", "no json", "{a: 1}", "NaN", "[1, 2", "[" * 5_000])
def test_refuses_an_answer_without_json(text: str) -> None:
    run = _driver("agent: qa, prompt: x, output: {type: object}")
    with pytest.raises(InvalidAnswerError, match="must be JSON"):
        parse_answer(run.plan, "a", text)


def test_an_answer_without_a_schema_is_its_text() -> None:
    run = _driver("llm: default, prompt: x")
    assert parse_answer(run.plan, "a", ' {"a": 1} ') == ' {"a": 1} '


@pytest.mark.parametrize(
    ("checks", "text", "reason"),
    [
        ("{min_chars: 5}", "äöü", "The answer must be at least 5 characters, it has 3."),
        ("{max_chars: 2}", "abc", "The answer must be at most 2 characters, it has 3."),
        ("{max_chars: '${inputs.n}'}", "abc", "The answer must be at most 2 characters, it has 3."),
        ("{contains: '${inputs.word}'}", "abc", "The answer must contain 'end'."),
        ("{not_contains: [x, b]}", "abc", "The answer must not contain 'b'."),
        ("{matches: '^[0-9]+$'}", "abc", "The answer must match the pattern '^[0-9]+$'."),
        ("{expr: '${output == inputs.word}'}", "abc", "The answer must fulfil ${output == inputs.word}."),
        ("[{min_chars: 1}, {contains: z}]", "abc", "The answer must contain 'z'."),
        ("{min_chars: 1, contains: b, matches: a, expr: '${size(output) == 3}'}", "abc", None),
    ],
)
def test_a_failed_check_says_what_the_answer_must_be(checks: str, text: str, reason: str | None) -> None:
    run = _driver(f"agent: qa, prompt: x, checks: {checks}")
    assert check_output(run.plan, run.state, "a", text) == reason


def test_an_answer_against_the_schema_names_the_place() -> None:
    run = _driver("agent: qa, prompt: x, output: {type: array, items: {type: string}}")
    reason = check_output(run.plan, run.state, "a", ["a", 2])
    assert reason is not None
    assert "the answer[1]" in reason


def test_a_check_that_cannot_be_evaluated_is_an_expression_error() -> None:
    run = _driver("agent: qa, prompt: x, checks: {expr: '${output.x}'}")
    with pytest.raises(ExpressionError):
        check_output(run.plan, run.state, "a", "text")


def test_a_task_has_its_templates_evaluated() -> None:
    run = _driver(
        "agent: research, prompt: 'Say ${inputs.word}', model: small, temperature: '${inputs.n}', "
        "max_tokens: '${inputs.n * 10}', tools: [memory.search], timeout: '${inputs.n}m', "
        "memory: {read: ['notes-${inputs.n}'], top: '${inputs.n}', write: '${inputs.word}'}, "
        "output: {type: object}"
    )
    task = build_task(run.plan, run.state, "a")
    assert (task.kind, task.agent, task.prompt, task.model) == ("agent", "research", "Say end", "small")
    assert (task.temperature, task.max_tokens, task.timeout_s) == (2, 20, 120)
    assert task.memory is not None
    assert (task.memory.read, task.memory.top, task.memory.write) == (["notes-2"], 2, "end")
    assert (task.tools, task.output_schema) == (["memory.search"], {"type": "object"})


def test_a_prompt_that_is_only_a_value_becomes_text() -> None:
    run = _driver("llm: default, prompt: '${[1, inputs.word]}', system: '${inputs.n}'")
    task = build_task(run.plan, run.state, "a")
    assert (task.prompt, task.system, task.model, task.timeout_s) == ('[1,"end"]', "2", None, 300)


@pytest.mark.parametrize(
    "step",
    [
        "prompt: '${inputs.nothing}'",
        "prompt: x, temperature: '${inputs.word}'",
        "prompt: x, max_tokens: '${0}'",
        "prompt: x, timeout: '${inputs.word}'",
        "prompt: x, timeout: '${\"0s\"}'",
    ],
)
def test_a_task_that_cannot_be_built_is_an_expression_error(step: str) -> None:
    run = _driver(f"llm: default, {step}")
    with pytest.raises(ExpressionError):
        build_task(run.plan, run.state, "a")
