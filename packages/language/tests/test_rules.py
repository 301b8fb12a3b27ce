"""Workspace rules: what can be written, and what they say."""

import pytest

from flowloom_language.rules import condition_problem, judge_rule, rule_scope

WORKFLOW = {"id": "w", "name": "brief", "version": 3, "labels": {"team": "growth"}}
HTTP = {"path": "send", "kind": "http", "effect": "once"}


@pytest.mark.parametrize(
    "when",
    [
        "step.kind == 'http'",
        "${ model == 'large' && cost.usd > 0.5 }",
        "default(workflow.labels.team, '') == 'growth'",
        "tool in ['mail.send', 'memory.store']",
    ],
)
def test_takes_a_condition_over_what_a_rule_sees(when: str) -> None:
    assert condition_problem(when) is None


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("", "empty"),
        ("step.kind ==", ""),
        ("inputs.topic == 'x'", "'inputs' is unknown"),
        ("step.name == 'x'", "'step' has no 'name'"),
        ("agent.kind == 'x'", "'agent' is a name"),
        ("${model} or ${tool}", "exactly one"),
        ("nonsense(1)", ""),
    ],
)
def test_says_what_is_wrong_with_a_condition(when: str, said: str) -> None:
    problem = condition_problem(when)
    assert problem is not None
    assert said in problem


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("step.kind == 'http'", True),
        ("step.kind == 'llm'", False),
        ("agent != 'qa'", False),
        ("default(agent, 'none') == 'none'", True),
        ("cost.usd > 1", False),
        ("workflow.labels.team == 'growth'", True),
    ],
)
def test_judges_what_is_about_to_happen(when: str, holds: bool) -> None:
    verdict = judge_rule(when, rule_scope(workflow=WORKFLOW, step=HTTP))
    assert (verdict.holds, verdict.error) == (holds, None)


def test_holds_when_it_cannot_be_judged() -> None:
    missing = judge_rule("workflow.labels.owner != 'me'", rule_scope(workflow=WORKFLOW))
    no_truth = judge_rule("workflow.name", rule_scope(workflow=WORKFLOW))
    assert missing.holds and "owner" in (missing.error or "")
    assert no_truth.holds and "true or false" in (no_truth.error or "")


def test_does_not_hold_where_what_it_names_is_absent() -> None:
    assert not judge_rule("step.kind == 'http'", rule_scope(workflow=WORKFLOW)).holds
