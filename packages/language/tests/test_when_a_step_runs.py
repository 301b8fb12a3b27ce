"""Section 3.1 of the language: edges, joins, failure, cancel, as a table and as cases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flowloom_contracts.runs import RunStatus, Usage
from flowloom_language.commands import WakeAt
from flowloom_language.events import RunFailed
from flowloom_language.interpreter import decide
from flowloom_language.testing.driver import START, Driver
from flowloom_language.transitions import IllegalTransitionError

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"


def _driver(steps: str, rest: str = "") -> Driver:
    return Driver(f"{_HEAD}steps:\n{steps}\n{rest}")


_SOURCES = """
  go: {transform: 1}
  skip: {transform: 1, if: "${false}"}
  pick: {switch: [{when: "${true}", then: [hit, target]}, {else: miss}]}
  drop: {switch: [{when: "${false}", then: target2}]}
  hit: {transform: 1}
  miss: {transform: 1}
  target2: {transform: 1, needs: [drop]}
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("transform: 1", "succeeded"),
        ("transform: 1, needs: [go]", "succeeded"),
        ("transform: 1, needs: [skip]", "skipped"),
        ("transform: 1, needs: [go, skip]", "skipped"),
        ("transform: 1, needs: [go, skip], join: any", "succeeded"),
        ("transform: 1, needs: [skip, miss], join: any", "skipped"),
        ('transform: "${steps.go.output}"', "succeeded"),
        ('transform: "${steps.skip.output}"', "skipped"),
        ('transform: "${default(steps.skip.output, 1)}"', "succeeded"),
        ('transform: "${has(steps.skip.output.x)}"', "succeeded"),
        ('transform: "${steps.skip.status}"', "succeeded"),
        ('transform: "${steps.skip.output}", needs: [go], join: any', "succeeded"),
        ('transform: "${default(steps.skip.output, 1)}", needs: [skip]', "skipped"),
        ('transform: 1, if: "${steps.go.output == 1}"', "succeeded"),
        ('transform: 1, if: "${steps.go.output == 2}"', "skipped"),
        ('transform: 1, needs: [skip], if: "${1 / 0 == 1}"', "skipped"),
    ],
)
def test_edges_decide_whether_a_step_runs(written: str, expected: str) -> None:
    run = _driver(f"{_SOURCES}\n  x: {{{written}}}\n  target: {{transform: 1}}")
    run.go()
    assert run.statuses()["x"] == expected
    assert run.state.status is RunStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("transform: 1", "succeeded"),
        ("transform: 1, needs: [pick]", "succeeded"),
        ("transform: 1, needs: [go]", "succeeded"),
        ("transform: 1, needs: [skip]", "skipped"),
        ("transform: 1, needs: [skip], join: any", "succeeded"),
        ('transform: "${steps.pick.output.chosen[0]}"', "succeeded"),
    ],
)
def test_a_chosen_step_runs_when_its_other_edges_are_on(written: str, expected: str) -> None:
    run = _driver(f"{_SOURCES}\n  target: {{{written}}}")
    run.go()
    assert run.statuses()["target"] == expected
    assert run.statuses()["hit"] == "succeeded"
    assert run.statuses()["miss"] == "skipped"
    assert run.statuses()["target2"] == "skipped"


def test_a_switch_that_chooses_nobody_skips_all_its_targets() -> None:
    run = _driver(
        '  s: {switch: [{when: "${false}", then: a}]}\n  a: {transform: 1}\n  b: {transform: 1, needs: [a]}'
    )
    run.go()
    assert run.statuses() == {"s": "succeeded", "a": "skipped", "b": "skipped"}


def test_ready_steps_start_together_in_the_order_of_the_document() -> None:
    run = _driver(
        "  b: {agent: qa, prompt: x}\n  a: {llm: default, prompt: x}\n  c: {agent: qa, prompt: x, needs: [a]}"
    )
    assert run.go() == ["b", "a"]
    run.start("a")
    run.succeed("a", "text")
    assert run.go() == ["c"]


def test_asking_again_gives_the_same_answer() -> None:
    run = _driver("  a: {agent: qa, prompt: x}\n  t: {transform: 1}\n  w: {wait: {for: 5s}}")
    first = decide(run.plan, run.state, now=START)
    assert first == decide(run.plan, run.state, now=START)
    run.go()
    assert decide(run.plan, run.state, now=START) == [WakeAt(run.state.steps["w"].wake_at or START)]


def test_a_failure_stops_what_runs_and_skips_what_never_started() -> None:
    run = _driver(
        "  a: {agent: qa, prompt: x}\n  b: {agent: qa, prompt: x}\n  w: {wait: {for: 1h}}\n"
        "  c: {transform: 1, needs: [a]}\n  done: {transform: 1}"
    )
    run.go()
    run.start("a")
    run.start("b")
    run.fail("a", "upstream", "No answer.")
    run.go()
    assert run.statuses() == {
        "a": "failed", "b": "cancelled", "w": "cancelled", "c": "skipped", "done": "succeeded",
    }  # fmt: skip
    assert [(one.path, one.attempt) for one in run.stopped] == [("b", 1)]
    assert run.state.status is RunStatus.FAILED
    assert run.state.error is not None
    assert (run.state.error.code, run.state.error.step) == ("upstream", "a")


def test_an_expression_that_fails_fails_the_run_and_names_the_path() -> None:
    run = _driver('  a: {transform: {x: 1}}\n  b: {transform: "${steps.a.output.y}"}')
    run.go()
    assert run.state.error is not None
    assert run.state.error.code == "expression"
    assert "steps.a.output.y" in run.state.error.message
    assert isinstance(run.events[-1], RunFailed)


def test_a_condition_that_is_no_boolean_fails_the_step() -> None:
    run = _driver('  a: {transform: 1, if: "${1}"}')
    run.go()
    assert run.statuses() == {"a": "failed"}


def test_outputs_that_cannot_be_evaluated_fail_the_run() -> None:
    run = _driver("  a: {transform: 1}", 'outputs: {x: "${steps.a.output.y}"}')
    run.go()
    assert run.state.status is RunStatus.FAILED
    assert run.state.error is not None
    assert run.state.error.step is None


def test_a_cancel_stops_everything_and_later_answers_are_refused() -> None:
    run = _driver("  a: {agent: qa, prompt: x}\n  b: {transform: 1, needs: [a]}\n  w: {wait: {for: 1h}}")
    run.go()
    run.start("a")
    run.cancel("enough")
    run.go()
    assert run.statuses() == {"a": "cancelled", "b": "skipped", "w": "cancelled"}
    assert run.state.status is RunStatus.CANCELLED
    assert run.state.cancel_reason == "enough"
    with pytest.raises(IllegalTransitionError):
        run.succeed("a", "late")
    with pytest.raises(IllegalTransitionError):
        run.cancel()


def test_a_cancel_before_the_start_skips_all_steps() -> None:
    run = _driver("  a: {agent: qa, prompt: x}")
    run.cancel()
    assert run.go() == []
    assert run.state.status is RunStatus.CANCELLED


def test_a_wait_ends_with_null_when_its_time_has_come() -> None:
    run = _driver('  w: {wait: {for: "${1 + 1}s"}}\n  a: {transform: "${steps.w.output == null}"}')
    run.go()
    assert run.statuses() == {"w": "waiting", "a": "pending"}
    run.sleep(1.9)
    run.go()
    assert run.statuses()["w"] == "waiting"
    run.sleep(0.2)
    run.go()
    assert run.state.steps["a"].output is True


def test_retries_wait_longer_each_time_until_they_end() -> None:
    run = _driver("  a: {agent: qa, prompt: x, retry: {max: 2, first: 2s, factor: 3, jitter: false}}")
    run.go()
    run.start("a")
    run.fail("a", "timeout")
    assert (run.state.steps["a"].wake_at, run.state.steps["a"].attempt) == (run.now + _seconds(2), 2)
    assert run.go() == []
    run.sleep(2)
    assert run.go() == ["a"]
    run.start("a")
    run.fail("a", "503")
    assert run.state.steps["a"].wake_at == run.now + _seconds(6)
    run.sleep(6)
    run.go()
    run.start("a")
    run.fail("a", "timeout")
    run.go()
    assert run.state.status is RunStatus.FAILED
    assert run.state.steps["a"].attempt == 3


@pytest.mark.parametrize(
    ("on", "code", "retries"),
    [
        ("[upstream]", "502", True),
        ("[auth]", "403", True),
        ("[rate_limit]", "429", True),
        ('["4xx"]', "404", True),
        ('["404"]', "404", True),
        ('["404"]', "405", False),
        ('["5xx"]', "404", False),
        ("[timeout]", "upstream", False),
        ("[invalid_output]", "invalid_output", True),
    ],
)
def test_only_the_written_codes_are_retried(on: str, code: str, retries: bool) -> None:
    run = _driver(f"  a: {{agent: qa, prompt: x, retry: {{max: 1, on: {on}}}}}")
    run.go()
    run.start("a")
    run.fail("a", code)
    assert run.statuses()["a"] == ("retrying" if retries else "failed")


def test_jitter_shortens_a_wait_by_at_most_half() -> None:
    run = _driver("  a: {agent: qa, prompt: x, retry: {first: 10s}}")
    run.go()
    run.start("a")
    run.fail("a", "timeout", jitter=0)
    assert run.state.steps["a"].wake_at == run.now + _seconds(5)


def test_usage_adds_up_over_attempts_and_steps() -> None:
    run = _driver("  a: {agent: qa, prompt: x}\n  b: {agent: qa, prompt: x, needs: [a]}")
    for path in ("a", "b"):
        run.go()
        run.start(path)
        run.succeed(path, "x", Usage(tokens=10, usd_micro=5))
    run.go()
    assert run.state.usage == Usage(tokens=20, usd_micro=10)


def test_an_event_of_another_attempt_is_refused() -> None:
    run = _driver("  a: {agent: qa, prompt: x, retry: {max: 1, first: 1s}}")
    run.go()
    run.start("a")
    run.fail("a", "timeout")
    late = replace(run.events[-2])
    with pytest.raises(IllegalTransitionError):
        run.record(late)


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
