"""Every problem code of this build, with its place."""

import pytest

from flowloom_language.document import Catalog, validate_document

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"


def _found(source: str, catalog: Catalog | None = None) -> list[tuple[str, str]]:
    return [(one.code.value, one.path) for one in validate_document(source, catalog).problems]


def _of_steps(steps: str) -> list[tuple[str, str]]:
    return _found(f"{_HEAD}steps: {steps}")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("{a: {agent: qa, prompt: x, promt: y}}", [("unknown_field", "steps.a.promt")]),
        ("{a: {agent: qa}}", [("missing_field", "steps.a.prompt")]),
        ("{a: {agent: qa, prompt: [x]}}", [("wrong_type", "steps.a.prompt")]),
        ("{a: {agent: qa, prompt: x, max_tokens: '9'}}", [("wrong_type", "steps.a.max_tokens")]),
        ("{a: {agent: qa, prompt: x, temperature: 3}}", [("invalid_value", "steps.a.temperature")]),
        ("{a: {agent: qa, prompt: x, join: some}}", [("invalid_value", "steps.a.join")]),
        ("{a: {agent: qa, prompt: x, retry: {on: [timeot]}}}", [("invalid_value", "steps.a.retry.on[0]")]),
        ("{a: {agent: qa, prompt: x, retry: {maxx: 1}}}", [("unknown_field", "steps.a.retry.maxx")]),
        ("{a: {agent: qa, prompt: x, checks: [{min: 1}]}}", [("unknown_field", "steps.a.checks[0].min")]),
        ("{A: {transform: 1}}", [("invalid_id", "steps.A")]),
        ("{a-b: {transform: 1}}", [("invalid_id", "steps.a-b")]),
        ("{inputs: {transform: 1}}", [("reserved_id", "steps.inputs")]),
        ("{a: {title: x}}", [("no_kind", "steps.a")]),
        ("{a: [1]}", [("wrong_type", "steps.a")]),
        ("{a: {transform: 1, wait: {for: 1s}}}", [("two_kinds", "steps.a.wait")]),
        ("{a: {transform: 1, needs: [b]}}", [("unknown_step", "steps.a.needs[0]")]),
        ("{a: {switch: [{when: '${true}', then: b}]}}", [("unknown_step", "steps.a.switch[0].then")]),
        ("{a: {switch: [{else: b}]}, b: {transform: 1, needs: [c]}, c: {transform: 1, needs: [b]}}",
         [("cycle", "steps.b")]),
        ("{a: {transform: '${steps.a.output}'}}", [("cycle", "steps.a")]),
        ("{a: {transform: '${default(steps.b.output, 1)}'}, b: {transform: 1, needs: [a]}}",
         [("cycle", "steps.a")]),
        ("{a: {transform: '${1 +}'}}", [("expression_syntax", "steps.a.transform")]),
        ("{a: {transform: {x: ['${1', 2]}}}", [("expression_syntax", "steps.a.transform.x[0]")]),
        ("{a: {transform: '${sise(1)}'}}", [("unknown_function", "steps.a.transform")]),
        ("{a: {transform: '${foo.bar}'}}", [("unknown_name", "steps.a.transform")]),
        ("{a: {transform: '${run.nam}'}}", [("unknown_name", "steps.a.transform")]),
        ("{a: {transform: '${steps}'}}", [("unknown_name", "steps.a.transform")]),
        ("{a: {transform: 1}, b: {transform: '${steps.a.ouput}'}}", [("unknown_name", "steps.b.transform")]),
        ("{a: {transform: '${previous.x}'}}", [("unknown_name", "steps.a.transform")]),
        ("{a: {transform: '${secrets.x}'}}", [("secret_not_allowed_here", "steps.a.transform")]),
        ("{a: {transform: '${steps.b.output}'}}", [("unknown_step", "steps.a.transform")]),
        ("{a: {transform: 1, if: 'true'}}", [("invalid_value", "steps.a.if")]),
        ("{a: {transform: 1, if: 'x ${true}'}}", [("invalid_value", "steps.a.if")]),
        ("{a: {switch: [{when: 'yes', then: b}]}, b: {transform: 1}}",
         [("invalid_value", "steps.a.switch[0].when")]),
        ("{a: {switch: [{else: b}, {when: '${true}', then: b}]}, b: {transform: 1}}",
         [("invalid_value", "steps.a.switch[0].else")]),
        ("{a: {switch: []}}", [("invalid_value", "steps.a.switch")]),
        ("{a: {transform: 1, timeout: 5x}}", [("bad_duration", "steps.a.timeout")]),
        ("{a: {transform: 1, timeout: 5}}", [("bad_duration", "steps.a.timeout")]),
        ("{a: {wait: {for: P1Y}}}", [("bad_duration", "steps.a.wait.for")]),
        ("{a: {wait: {for: 400d}}}", [("bad_duration", "steps.a.wait.for")]),
        ("{a: {agent: qa, prompt: x, output: {type: strin}}}", [("bad_schema", "steps.a.output.type")]),
        ("{a: {agent: qa, prompt: x, output: {pattern: '(?=a)'}}}",
         [("bad_schema", "steps.a.output.pattern")]),
        ("{a: {agent: qa, prompt: x, output: {$ref: 'http://x/y'}}}",
         [("bad_schema", "steps.a.output.$ref")]),
        ("{a: {agent: qa, prompt: x, output: {$ref: '#/$defs/x'}}}", [("bad_schema", "steps.a.output.$ref")]),
        ("{a: {transform: 1, join: any}}", [("invalid_value", "steps.a.join")]),
        ("{a: {agent: '${x}', prompt: x}}", [("invalid_value", "steps.a.agent")]),
        ("{}", [("invalid_value", "steps")]),
        ("{a: {http: {url: x}}}", [("not_available", "steps.a.http")]),
        ("{a: {agent: qa, prompt: x, on_error: continue}}", [("not_available", "steps.a.on_error")]),
        ("{a: {wait: {until: x}}}", [("not_available", "steps.a.wait.until")]),
        ("{l: {loop: {over: x}, do: {i: {agent: qa}}}, a: {transform: '${steps.i.output}'}}",
         [("not_available", "steps.l.loop"), ("inner_step_out_of_scope", "steps.a.transform")]),
        ("{a: {agent: qa, prompt: .nan}}",
         [("invalid_value", "steps.a.prompt"), ("wrong_type", "steps.a.prompt")]),
    ],
)  # fmt: skip
def test_names_the_problem_and_its_place(steps: str, expected: list[tuple[str, str]]) -> None:
    assert _of_steps(steps) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a: [", [("yaml_syntax", "")]),
        ("a: b: c", [("yaml_syntax", "")]),
        (b"a: \xff", [("yaml_syntax", "")]),
        ("a: *b", [("yaml_syntax", "a")]),
        ("a: &b [*b]", [("yaml_syntax", "a[0]")]),
        ("a: 1\n---\nb: 2", [("yaml_syntax", "")]),
        ("- a", [("wrong_type", "")]),
        ("", [("wrong_type", "")]),
        ("x" * 300_000, [("too_large", "")]),
        ("[" * 100, [("limit_exceeded", "[0]" * 41)]),
        (_HEAD + "steps: {a: {transform: 1}}\nlimits: {timeout: 1d}\n", [("not_available", "limits")]),
        (_HEAD + "steps: {a: {transform: 1}}\nsecrets: [x]\n", [("not_available", "secrets")]),
        (_HEAD + "steps: {a: {transform: 1}}\nstep: {}\n", [("unknown_field", "step")]),
        (_HEAD + "steps: {a: {transform: !x 1}}", [("yaml_tag", "steps.a.transform")]),
        (_HEAD + "steps: {a: {transform: 1}, a: {transform: 2}}", [("duplicate_key", "steps.a")]),
        (_HEAD + "steps: {a: {transform: {1: x}}}", [("wrong_type", "steps.a.transform")]),
        (_HEAD + "steps: {a: {transform: 1}}\noutputs: {X: 1}", [("invalid_id", "outputs.X")]),
        (_HEAD + "steps: {a: {transform: 1}}\ninputs: {topic: {type: string}}", [("bad_schema", "inputs")]),
        (_HEAD + "steps: {a: {transform: 1}}\ninputs: {type: array}", [("bad_schema", "inputs.type")]),
        (_HEAD.replace("t}", "My Name}") + "steps: {a: {transform: 1}}", [("invalid_id", "metadata.name")]),
        (_HEAD.replace("v1", "v9") + "steps: {a: {transform: 1}}", [("invalid_value", "apiVersion")]),
        (
            "kind: Workflow\nmetadata: {name: t}\nsteps: {a: {transform: 1}}",
            [("missing_field", "apiVersion")],
        ),
    ],
)
def test_names_problems_of_the_whole_document(source: str | bytes, expected: list[tuple[str, str]]) -> None:
    assert _found(source) == expected


def test_refuses_an_alias_bomb() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert _found("\n".join(lines)) == [("too_large", "a4")]


def test_refuses_more_than_a_thousand_steps() -> None:
    steps = "".join(f"  s{n}: {{transform: 1}}\n" for n in range(1_001))
    assert _found(f"{_HEAD}steps:\n{steps}") == [("limit_exceeded", "steps")]


@pytest.mark.parametrize(
    "expression",
    [
        "+".join(["1"] * 66),
        "(" * 17 + "1" + ")" * 17,
        "'" + "x" * 1_030 + "'",
        "[1].map(x, 1) + [1].map(x, 1) + [1].map(x, 1)",
    ],
)
def test_refuses_an_expression_beyond_its_limits(expression: str) -> None:
    assert _of_steps(f'{{a: {{transform: "${{{expression}}}"}}}}') == [
        ("expression_too_complex", "steps.a.transform")
    ]


def test_warns_of_a_step_that_can_never_run() -> None:
    source = _HEAD + (
        "steps:\n  s: {switch: [{when: '${true}', then: a}, {else: b}]}\n"
        "  a: {transform: 1}\n  b: {transform: 1}\n  c: {transform: 1, needs: [a, b]}\n"
    )
    validated = validate_document(source)
    assert [(one.code.value, one.severity, one.path) for one in validated.problems] == [
        ("unreachable_step", "warning", "steps.c")
    ]
    assert validated.workflow is not None


def test_does_not_warn_when_any_of_them_is_enough() -> None:
    assert _of_steps(
        "{s: {switch: [{when: '${true}', then: a}, {else: b}]}, a: {transform: 1}, b: {transform: 1},"
        " c: {transform: 1, needs: [a, b], join: any}}"
    ) == []  # fmt: skip


def test_reports_many_problems_at_once_in_the_order_of_the_text() -> None:
    found = _of_steps(
        "{a: {agent: qa, promt: 1}, b: {transform: '${x} ${foo()}'}, c: {needs: [z], wait: {}}}"
    )
    assert [code for code, _ in found] == [
        "missing_field", "unknown_field", "unknown_name", "unknown_function", "unknown_step", "missing_field",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        ("{a: {agent: qa, prompt: x, promt: y}}", "prompt"),
        ("{research: {transform: 1}, b: {transform: 1, needs: [reserch]}}", "research"),
        ("{a: {transform: '${sise(1)}'}}", "size"),
        ("{a: {agnt: qa}}", "agent"),
        ("{a: {transform: 1}, b: {transform: '${a.x}'}}", "steps.a.output"),
    ],
)
def test_says_what_was_probably_meant(steps: str, hint: str) -> None:
    (problem,) = validate_document(f"{_HEAD}steps: {steps}").problems[-1:]
    hints = [one.hint or "" for one in validate_document(f"{_HEAD}steps: {steps}").problems]
    assert any(hint in one for one in hints), problem


def test_an_undeclared_input_is_an_error_unless_it_may_be_missing() -> None:
    schema = "inputs: {type: object, properties: {topic: {type: string}}}\n"
    assert _found(_HEAD + schema + "steps: {a: {transform: '${inputs.topik}'}}") == [
        ("unknown_name", "steps.a.transform")
    ]
    assert _found(_HEAD + schema + "steps: {a: {transform: '${default(inputs.topik, 1)}'}}") == []


def test_checks_names_only_with_a_catalog() -> None:
    source = _HEAD + "steps: {a: {agent: reserch, prompt: x, model: gpt, tools: [memory.serch]}}"
    catalog = Catalog(agents=frozenset(), models=frozenset({"small"}), tools=frozenset({"memory.search"}))
    assert _found(source) == []
    assert _found(source, catalog) == [
        ("unknown_agent", "steps.a.agent"),
        ("unknown_model", "steps.a.model"),
        ("unknown_tool", "steps.a.tools[0]"),
    ]


def test_yaml_is_read_as_version_1_2() -> None:
    validated = validate_document(
        _HEAD + "steps: {a: {transform: [yes, on, 2026-01-01, 0o17, 010, 1_000, ~, '1', 1e2, No]}}"
    )
    assert validated.workflow is not None
    assert validated.workflow.steps["a"].model_dump()["transform"] == [
        "yes", "on", "2026-01-01", 15, 10, "1_000", None, "1", 100.0, "No",
    ]  # fmt: skip
