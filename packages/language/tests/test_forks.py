"""Forks, pins and changed steps: what is reused, what runs again, and what that saves."""

import pytest

from flowloom_contracts.forks import StepOverride
from flowloom_contracts.runs import RunStatus, Usage
from flowloom_language.forks import ForkRequest, UnknownForkStepError, fork_state, pinned
from flowloom_language.state import RunFacts
from flowloom_language.tasks import build_task
from flowloom_language.testing.driver import START, Driver, plan_of

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
_SOURCE = (
    _HEAD
    + """steps:
  a: {agent: qa, prompt: a}
  b: {agent: qa, prompt: "${steps.a.output}"}
  c: {agent: qa, prompt: "${steps.b.output}"}
  tell: {emit: {topic: x, data: "${steps.c.output}"}}
  alone: {agent: qa, prompt: alone}
"""
)
_FACTS = RunFacts(id="fork", workflow="t", version=1, started_at=START)


def _finished(source: str = _SOURCE) -> Driver:
    run = Driver(source)
    while started := run.go():
        for path in started:
            run.start(path)
            run.succeed(path, f"old {path}", Usage(tokens=10))
    assert run.state.status is RunStatus.SUCCEEDED
    return run


def _forked(request: ForkRequest, source: str = _SOURCE) -> tuple[Driver, list[str]]:
    old = _finished()
    plan = plan_of(source)
    state, report = fork_state(plan, _FACTS, request, old_plan=old.plan, old_state=old.state)
    run = Driver(plan)
    run.take(state)
    return run, report.reused


def test_reruns_a_step_and_all_that_depends_on_it() -> None:
    run, reused = _forked(ForkRequest.of("b"))
    assert reused == ["a", "alone"]
    assert run.go() == ["b"]
    assert run.statuses() == {
        "a": "reused", "b": "queued", "c": "pending", "tell": "pending", "alone": "reused",
    }  # fmt: skip
    assert run.state.usage == Usage(tokens_saved=20)
    assert build_task(run.plan, run.state, "b").prompt == "old a"


def test_names_the_effects_that_happen_again() -> None:
    old = _finished()
    _, report = fork_state(old.plan, _FACTS, ForkRequest.of("c"), old_plan=old.plan, old_state=old.state)
    assert (report.rerun, report.effects, report.tokens_saved) == (["c", "tell"], ["tell"], 30)


def test_changes_prompt_and_model_of_a_step() -> None:
    changes = {"b": StepOverride(prompt="new ${steps.a.output}", model="m2")}
    run, _ = _forked(ForkRequest.of("c", overrides=changes))
    assert run.go() == ["b"]
    task = build_task(run.plan, run.state, "b")
    assert (task.prompt, task.model) == ("new old a", "m2")


def test_a_given_output_is_reused_and_its_dependants_run() -> None:
    run, reused = _forked(ForkRequest.of("c", overrides={"b": StepOverride(output=None)}))
    assert reused == ["a", "b", "alone"]
    run.go()
    assert run.state.steps["b"].output is None
    assert run.statuses()["c"] == "queued"


def test_a_step_that_is_written_differently_runs_again() -> None:
    run, reused = _forked(ForkRequest.of("c"), _SOURCE.replace("prompt: alone", "prompt: other"))
    assert reused == ["a", "b"]
    assert run.go() == ["c", "alone"]


def test_refuses_a_step_that_does_not_exist() -> None:
    with pytest.raises(UnknownForkStepError, match="nowhere"):
        _forked(ForkRequest.of("nowhere"))


def test_runs_a_step_again_that_was_taken_back() -> None:
    source = _HEAD + "steps:\n  a: {agent: qa, prompt: a, undo: {agent: qa, prompt: b}}\n"
    source += "  b: {agent: qa, prompt: b, needs: [a]}\n"
    old = Driver(source)
    old.go()
    old.start("a")
    old.succeed("a", "old a")
    old.go()
    old.start("b")
    old.fail("b", "auth")
    old.go()
    old.start("a.undo")
    old.succeed("a.undo", None)
    old.go()
    assert old.state.status is RunStatus.FAILED
    _, report = fork_state(old.plan, _FACTS, ForkRequest.of("b"), old_plan=old.plan, old_state=old.state)
    assert (report.reused, report.rerun) == ([], ["a", "b"])


def test_pinned_steps_do_not_run() -> None:
    plan = plan_of(_SOURCE)
    run = Driver(plan, reuse=pinned(plan, {"a": "pinned"}))
    assert run.go() == ["b", "alone"]
    assert build_task(plan, run.state, "b").prompt == "pinned"
    with pytest.raises(UnknownForkStepError):
        pinned(plan, {"x": 1})
