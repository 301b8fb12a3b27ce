"""Which steps of a document the workspace's rules deny before it is published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import DocumentProblem, ProblemCode
from flowloom_contracts.rules import Rule
from flowloom_contracts.step_fields import StepFields
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_contracts.steps.loop import LoopStep
from flowloom_contracts.steps.tool import ToolStep
from flowloom_contracts.workflow import Step, Workflow, kind_of
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.plan import effect_of
from flowloom_language.problems import ProblemList
from flowloom_language.rules import Verdict, judge_rule, rule_scope
from flowloom_language.source_tree import Span
from gateway.domain.frozen_steps import placed_steps

_TOP: Final = Span(1, 1, 1, 2, 0, 1)


@dataclass(frozen=True, slots=True)
class _Seen:
    path: str
    step: Step


def denied(
    source: str, workflow: Workflow, rules: Sequence[Rule], *, workflow_id: str, version: int
) -> tuple[DocumentProblem, ...]:
    """Return a `rule_denied` problem for each step, or the document, that an enabled `deny` rule meets."""
    deny = [rule for rule in rules if rule.enabled and rule.effect == "deny"]
    if not deny:
        return ()
    about: JsonObject = {
        "id": workflow_id,
        "name": workflow.metadata.name,
        "version": version,
        "labels": dict(workflow.metadata.labels),
    }
    problems = ProblemList()
    placed = {step.path: step for step in placed_steps(source)}
    for rule in deny:
        verdict = judge_rule(rule.when, rule_scope(workflow=about))
        if verdict.holds:
            _report(problems, (), _TOP, rule=rule, verdict=verdict)
            continue
        for seen in _steps(workflow):
            where = placed.get(seen.path)
            verdict = judge_rule(rule.when, _scope(about, seen, workflow))
            if verdict.holds:
                place, span = (where.place, where.span) if where else ((seen.path,), _TOP)
                _report(problems, place, span, rule=rule, verdict=verdict)
    return problems.in_order()


def _report(
    problems: ProblemList, place: tuple[str, ...], span: Span, *, rule: Rule, verdict: Verdict
) -> None:
    reason = verdict.error or rule.message or f"It says: {rule.when.strip()}"
    problems.add(
        ProblemCode.RULE_DENIED,
        place,
        span,
        f"The workspace's rule {rule.name!r} denies this. {reason}",
        hint="Change it, or ask an administrator to change the rule.",
    )


def _scope(about: JsonObject, seen: _Seen, workflow: Workflow) -> Scope:
    step = seen.step
    agent = step.agent if isinstance(step, AgentStep) else None
    model = step.llm if isinstance(step, LlmStep) else None
    if isinstance(step, AgentStep):
        own = workflow.agents.get(step.agent)
        model = step.model or (own.model if own else None) or workflow.defaults.model or "default"
    elif model == "default":
        model = workflow.defaults.model or model
    return rule_scope(
        workflow=about,
        step={"path": seen.path, "kind": kind_of(step), "effect": effect_of(step)},
        agent=agent,
        model=model,
        tool=step.tool if isinstance(step, ToolStep) else None,
    )


def _steps(workflow: Workflow) -> Iterator[_Seen]:
    yield from _block(workflow.steps, "")
    if workflow.on_failure is not None:
        yield from _block(workflow.on_failure.do, "on_failure.")


def _block(steps: dict[str, Step], prefix: str) -> Iterator[_Seen]:
    for name, step in steps.items():
        yield from _step(step, prefix + name)


def _step(step: Step, path: str) -> Iterator[_Seen]:
    yield _Seen(path, step)
    if isinstance(step, LoopStep):
        yield from _block(step.do, f"{path}.")
    yield from _around(step, path)


def _around(step: StepFields, path: str) -> Iterator[_Seen]:
    if step.on_error is not None and not isinstance(step.on_error, str):
        yield from _block(step.on_error.do, f"{path}.on_error.")
    if step.undo is not None:
        yield from _step(step.undo, f"{path}.undo")
