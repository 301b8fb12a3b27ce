"""Forks from inside loops and recoveries: items, rounds and steps that are reused there."""

from collections.abc import Callable

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_contracts.forks import ForkReport, StepOverride
from flowloom_contracts.runs import RunStatus, StepStatus, Usage
from flowloom_language.forks import ForkRequest, UnknownForkStepError, fork_state, pinned
from flowloom_language.state import RunFacts
from flowloom_language.step_map import StepMap
from flowloom_language.tasks import build_task
from flowloom_language.testing.driver import START, Driver, plan_of

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
_ROUNDS = (
    _HEAD
    + """steps:
  plan: {agent: qa, prompt: plan}
  polish:
    loop: {until: "${steps.check.output.score >= 3}", max: 5}
    do:
      write: {agent: qa, prompt: "${steps.plan.output} after ${default(previous.score, 0)}"}
      tell: {http: {method: POST, url: "https://x.example/", body: "${steps.write.output}"}}
      check: {agent: qa, prompt: "${steps.write.output}", output: {type: object}}
    output: {score: "${steps.check.output.score}"}
  end: {agent: qa, prompt: "${steps.polish.output.score}"}
"""
)
_ITEMS = (
    _HEAD
    + """inputs: {type: object, properties: {list: {type: array, default: [a, b, c]}}}
steps:
  each:
    loop: {over: "${inputs.list}", as: one, parallel: 2}
    do:
      find: {agent: qa, prompt: "find ${one}"}
      say: {agent: qa, prompt: "say ${steps.find.output}"}
    output: "${steps.say.output}"
  end: {agent: qa, prompt: "${steps.each.output}"}
"""
)
_RECOVERY = (
    _HEAD
    + """steps:
  send:
    agent: qa
    prompt: send
    on_error:
      do:
        look: {agent: qa, prompt: "why ${error.code}?"}
        tell: {agent: qa, prompt: "tell ${steps.look.output} of ${error.step}"}
      output: "${steps.tell.output}"
  end: {agent: qa, prompt: "${steps.send.output}"}
"""
)
_FACTS = RunFacts(id="fork", workflow="t", version=1, started_at=START)
Answer = Callable[[str], JsonValue]


def _drive(run: Driver, answer: Answer, *, failing: tuple[str, ...] = ()) -> list[str]:
    """Carry a run to its end and return the steps that workers had."""
    had = list[str]()
    while started := run.go():
        had += started
        for path in started:
            run.sleep(1)
            run.start(path)
            if path in failing:
                run.fail(path, "auth")
            else:
                run.succeed(path, answer(path), Usage(tokens=10))
    return had


def _scored(path: str) -> JsonValue:
    """The check of each round gives one point more."""
    is_check = path.endswith(".check")
    return {"score": int(path[path.index("[") + 1]) + 1} if is_check else f"old {path}"


def _old(source: str, answer: Answer = _scored, *, failing: tuple[str, ...] = ()) -> Driver:
    run = Driver(source)
    _drive(run, answer, failing=failing)
    assert run.state.status.is_terminal
    return run


def _fork(old: Driver, request: ForkRequest, source: str | None = None) -> tuple[Driver, ForkReport]:
    plan = old.plan if source is None else plan_of(source)
    whole = old.state.changed({"steps": StepMap(old.seen)})
    state, report = fork_state(plan, _FACTS, request, old_plan=old.plan, old_state=whole)
    run = Driver(plan)
    run.take(state)
    return run, report


def test_goes_on_from_a_step_inside_a_round() -> None:
    run, report = _fork(_old(_ROUNDS), ForkRequest.of("polish[1].check"))
    assert report.reused == ["plan", "polish[0]", "polish[1].write", "polish[1].tell"]
    assert report.rerun == ["polish", "polish[1]", "polish[1].check", "end"]
    assert report.effects == ["polish.tell"]
    assert report.tokens_saved == 10 + 30 + 10 + 10
    assert run.go() == ["polish[1].check"]
    assert run.statuses()["polish[0]"] == "reused"
    assert build_task(run.plan, run.state, "polish[1].check").prompt == "old polish[1].write"
    run.start("polish[1].check")
    run.succeed("polish[1].check", {"score": 3})
    assert _drive(run, _scored) == ["end"]
    assert run.state.status is RunStatus.SUCCEEDED
    assert run.seen["polish"].output == {"score": 3}
    assert run.state.usage == Usage(tokens=10, tokens_saved=60)


def test_rounds_after_the_step_begin_as_usual_and_see_the_one_before() -> None:
    run, _ = _fork(_old(_ROUNDS), ForkRequest.of("polish[1].write"))
    assert run.go() == ["polish[1].write"]
    assert build_task(run.plan, run.state, "polish[1].write").prompt == "old plan after 1"
    had = _drive_on(run, "polish[1].write")
    assert had[:3] == ["polish[1].tell", "polish[1].check", "polish[2].write"]


def _drive_on(run: Driver, path: str) -> list[str]:
    run.start(path)
    run.succeed(path, "new")
    return _drive(run, _scored)


def test_runs_a_named_round_as_a_whole() -> None:
    run, report = _fork(_old(_ROUNDS), ForkRequest.of("polish[2]"))
    assert report.reused == ["plan", "polish[0]", "polish[1]"]
    assert report.effects == ["polish[2].tell", "polish.tell"]
    assert run.go() == ["polish[2].write"]


def test_reuses_the_other_items_of_a_loop() -> None:
    run, report = _fork(_old(_ITEMS), ForkRequest.of("each[1].say"))
    assert report.reused == ["each[0]", "each[1].find", "each[2]"]
    assert (report.rerun, report.effects) == (["each", "each[1]", "each[1].say", "end"], [])
    assert run.go() == ["each[1].say"]
    assert _drive_on(run, "each[1].say") == ["end"]
    assert run.seen["each"].output == ["old each[0].say", "new", "old each[2].say"]


def test_goes_on_with_the_items_of_a_run_that_failed() -> None:
    old = _old(_ITEMS, failing=("each[1].say",))
    assert old.state.status is RunStatus.FAILED
    run, report = _fork(old, ForkRequest.of("each[1].say"))
    assert "each[1].find" in report.reused
    assert "each[1].say" in _drive(run, _scored)
    assert run.state.status is RunStatus.SUCCEEDED


def test_changes_and_gives_steps_inside_a_loop() -> None:
    changes = {
        "each[0].find": StepOverride(output="given"),
        "each.say": StepOverride(prompt="new ${steps.find.output}", model="m2"),
    }
    run, report = _fork(_old(_ITEMS), ForkRequest.of("end", overrides=changes))
    assert report.reused == ["each[0].find", "each[1].find", "each[2].find"]
    assert run.go() == ["each[0].say", "each[1].say"]
    task = build_task(run.plan, run.state, "each[0].say")
    assert (task.prompt, task.model) == ("new given", "m2")
    assert run.state.usage.tokens_saved == 10
    _drive_on(run, "each[0].say")
    assert run.state.usage.tokens_saved == 20


def test_a_loop_whose_steps_are_written_differently_reuses_what_is_as_before() -> None:
    source = _ITEMS.replace('"say $', '"shout $')
    run, report = _fork(_old(_ITEMS), ForkRequest.of("end"), source)
    assert report.reused == ["each[0].find", "each[1].find", "each[2].find"]
    assert run.go() == ["each[0].say", "each[1].say"]


def test_other_inputs_make_a_loop_over_them_run_as_a_whole() -> None:
    run, report = _fork(_old(_ITEMS), ForkRequest.of("each[1].say", inputs={"list": ["z"]}))
    assert (report.reused, report.rerun) == ([], ["each", "end"])
    assert run.go() == ["each[0].find"]


def test_goes_on_inside_a_recovery() -> None:
    run, report = _fork(_old(_RECOVERY, failing=("send",)), ForkRequest.of("send.on_error.tell"))
    assert report.reused == ["send.on_error.look"]
    assert report.rerun == ["send", "send.on_error.tell", "end"]
    assert run.go() == ["send.on_error.tell"]
    task = build_task(run.plan, run.state, "send.on_error.tell")
    assert task.prompt == "tell old send.on_error.look of send"
    _drive_on(run, "send.on_error.tell")
    assert run.seen["send"].recovered
    assert run.seen["send"].output == "new"
    assert run.state.status is RunStatus.SUCCEEDED


def test_goes_on_inside_a_recovery_that_failed() -> None:
    old = _old(_RECOVERY, failing=("send", "send.on_error.tell"))
    assert old.state.status is RunStatus.FAILED
    run, _ = _fork(old, ForkRequest.of("send.on_error.tell"))
    assert _drive(run, _scored) == ["send.on_error.tell", "end"]
    assert run.state.status is RunStatus.SUCCEEDED


def test_a_fork_is_forked_in_turn() -> None:
    first, _ = _fork(_old(_ROUNDS), ForkRequest.of("polish[1].check"))
    first.now = START.replace(year=2027)
    _drive(first, _scored)
    second, report = _fork(first, ForkRequest.of("polish[2].check"))
    assert report.reused == ["plan", "polish[0]", "polish[1]", "polish[2].write", "polish[2].tell"]
    assert second.go() == ["polish[2].check"]


def test_pins_inside_a_loop_hold_for_every_item() -> None:
    plan = plan_of(_ITEMS)
    run = Driver(plan, {"list": ["a", "b"]}, reuse=pinned(plan, {"each.find": "pinned"}))
    assert run.go() == ["each[0].say", "each[1].say"]
    assert run.state.steps["each[1].find"].status is StepStatus.REUSED
    assert build_task(plan, run.state, "each[1].say").prompt == "say pinned"


def test_a_thousand_reused_items_are_taken_in_pieces() -> None:
    source = _ITEMS.replace("default: [a, b, c]", "default: []")
    old = Driver(source, {"list": [*range(1_000)]})
    _drive(old, _scored)
    run, report = _fork(old, ForkRequest.of("each[999].say"))
    assert len(report.reused) == 1_000
    assert run.go() == ["each[999].say"]
    assert run.state.reuse == {}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("polish[7].check", "That run has no 'polish[7]': it has 3 of 'polish'."),
        ("polish.check", "name the item or round too, as in 'polish[0].check'"),
        ("polish[0].nothing", "The workflow has no step 'polish[0].nothing'."),
        ("plan[0]", "is no loop"),
    ],
)
def test_refuses_what_cannot_be_forked_from(path: str, reason: str) -> None:
    with pytest.raises(UnknownForkStepError) as refused:
        _fork(_old(_ROUNDS), ForkRequest.of(path))
    assert reason in str(refused.value)


def test_refuses_steps_that_run_only_in_a_run_that_fails() -> None:
    source = _RECOVERY.replace("    on_error:", "    undo: {agent: qa, prompt: back}\n    on_error:")
    source += "on_failure: {do: {mail: {agent: qa, prompt: mail}}}\n"
    old = _old(source)
    for path, reason in {
        "send.undo": "when 'send' is taken back",
        "on_failure.mail": "only when the run has failed",
        "send.on_error.tell": "The `on_error` of 'send' has not run",
    }.items():
        with pytest.raises(UnknownForkStepError) as refused:
            _fork(old, ForkRequest.of(path))
        assert reason in str(refused.value)
    with pytest.raises(UnknownForkStepError, match="cannot be given"):
        _fork(old, ForkRequest.of("end", overrides={"send.undo": StepOverride(output=1)}))
