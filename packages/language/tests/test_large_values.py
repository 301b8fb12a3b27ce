"""Values by reference: they pass through where nobody looks into them, else they are asked for."""

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import RunStatus
from flowloom_language.commands import NeedValues, Record
from flowloom_language.interpreter import decide
from flowloom_language.large_values import large_value, refs_in, with_values
from flowloom_language.needs import needed_values
from flowloom_language.tasks import build_task
from flowloom_language.testing.driver import Driver

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
_REF = "sha256:" + "a" * 64
_LARGE = large_value(_REF, "begin…", 5_000_000)
_VALUES: dict[str, JsonValue] = {_REF: {"text": "whole", "parts": ["x", "y"]}}


def _after(steps: str, output: JsonValue = _LARGE) -> Driver:
    run = Driver(f"{_HEAD}steps:\n  a: {{agent: qa, prompt: x}}\n{steps}")
    run.go()
    run.start("a")
    run.succeed("a", output)
    return run


def _go_with(run: Driver, values: dict[str, JsonValue]) -> None:
    for command in decide(run.plan, run.state, now=run.now, values=values):
        if isinstance(command, Record):
            run.record(command.event)


def test_a_bare_reference_passes_the_value_on_unseen() -> None:
    run = _after('  b: {transform: {kept: "${steps.a.output}"}}\noutputs: {b: "${steps.b.output}"}')
    _go_with(run, {})
    assert run.state.status is RunStatus.SUCCEEDED
    assert run.state.outputs == {"b": {"kept": _LARGE}}
    assert run.state.steps["b"].refs == (_REF,)


def test_looking_into_a_value_asks_for_it() -> None:
    run = _after('  b: {transform: "${steps.a.output.text}!"}')
    commands = decide(run.plan, run.state, now=run.now)
    assert commands == [NeedValues((_REF,))]
    assert decide(run.plan, run.state, now=run.now) == commands
    _go_with(run, _VALUES)
    assert run.state.steps["b"].output == "whole!"
    assert run.state.status is RunStatus.SUCCEEDED


def test_conditions_loops_and_outputs_ask_too() -> None:
    for steps in (
        '  b: {transform: 1, if: "${size(steps.a.output.text) > 3}"}',
        '  b: {loop: {over: "${steps.a.output.parts}"}, do: {x: {transform: "${item}"}}}',
        '  b: {loop: {over: [1]}, do: {x: {transform: "${steps.a.output.text}"}}}',
        'outputs: {b: "${steps.a.output.text}"}',
    ):
        run = _after(steps)
        _go_with(run, {})
        assert not run.state.status.is_terminal
        assert any(isinstance(one, NeedValues) for one in decide(run.plan, run.state, now=run.now))
        _go_with(run, _VALUES)
        assert run.state.status is RunStatus.SUCCEEDED, steps


def test_a_task_gets_the_values_it_names() -> None:
    run = _after('  b: {agent: qa, prompt: "Sum up ${steps.a.output.text}"}')
    run.go()
    assert needed_values(run.plan, run.state, "b") == {_REF}
    assert build_task(run.plan, run.state, "b", values=_VALUES).prompt == "Sum up whole"


def test_only_what_stands_for_a_value_is_taken_for_it() -> None:
    schema: JsonValue = {"$ref": "#/$defs/x"}
    assert refs_in([schema, {"$ref": _REF}, {"$ref": _REF, "preview": 1, "size": "x", "more": 1}]) == ()
    assert refs_in({"a": [_LARGE, {"b": _LARGE}]}) == (_REF,)
    assert with_values({"a": [_LARGE], "b": 1}, {_REF: 5}) == {"a": [5], "b": 1}
