"""What the workspace's rules say of what a run is about to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flowloom_contracts.agents import Effect, StepTask
from flowloom_contracts.approvals import ALLOWED, DecisionRequest
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.rules import Rule
from flowloom_contracts.runs import StepError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.rules import judge_rule, rule_scope
from orchestrator.domain.records import RunRecord

MODEL_CALL: Final = "model"
"""The name under which every model call is journaled."""


class RulesNeededError(Exception):
    """A decision looks at the workspace's rules, which are not at hand."""


@dataclass(frozen=True)
class Ruling:
    """The first rule that forbids or asks, and all rules that limit."""

    rule: Rule | None = None
    reason: str = ""
    limiting: tuple[Rule, ...] = ()

    @property
    def effect(self) -> Literal["go", "deny", "ask"]:
        """What follows."""
        if self.rule is None:
            return "go"
        return "deny" if self.rule.effect == "deny" else "ask"

    def error(self) -> StepError:
        """Return the error of a step that the rule forbids."""
        return StepError(code="denied", message=self.message)

    @property
    def message(self) -> str:
        """Name the rule and say why."""
        name = self.rule.name if self.rule else ""
        return f"The workspace's rule {name!r} says no. {self.reason}".rstrip()

    def request(self, doing: str, arguments: JsonValue) -> DecisionRequest:
        """Return what people are asked."""
        name = self.rule.name if self.rule else ""
        return DecisionRequest(
            kind="rule",
            title=f"Rule {name!r}: {doing}",
            message=self.reason or None,
            to=self.rule.to if self.rule else [],
            allow=list(ALLOWED["rule"]),
            values=arguments,
            rule=name,
        )


GO: Final = Ruling()


@dataclass(frozen=True)
class Doing:
    """What is about to happen, as rules see it; None where it does not apply."""

    path: str | None = None
    kind: str | None = None
    effect: Effect | None = None
    agent: str | None = None
    model: str | None = None
    tool: str | None = None


def rule_on_run(workflow: JsonObject, rules: Sequence[Rule]) -> Ruling:
    """Judge the start of a run; a rule that asks is asked by the run's first step."""
    scope = rule_scope(workflow=workflow)
    return _ruling([rule for rule in rules if rule.effect != "require_approval"], scope, approved=())


def rule_on_step(record: RunRecord, doing: Doing) -> Ruling:
    """Judge a step that starts, or a call of it; what a person has approved for the step is not asked again.

    Raises `RulesNeededError`.
    """
    if record.rules is None:
        raise RulesNeededError(record.workspace_id)
    if not record.rules:
        return GO
    step = record.state.steps.get(doing.path or "")
    usage = record.state.usage
    scope = rule_scope(
        workflow=workflow_facts(record),
        step={"path": doing.path, "kind": doing.kind, "effect": doing.effect},
        agent=doing.agent,
        model=doing.model,
        tool=doing.tool,
        cost={"tokens": usage.tokens, "usd": usage.usd_micro / 1e6},
    )
    approved = step.approved if step is not None else ()
    return _ruling(record.rules, scope, approved=(*approved, *_approved_for_run(record)))


def workflow_facts(record: RunRecord) -> JsonObject:
    """Return the workflow as rules see it."""
    return {
        "id": record.workflow.id,
        "name": record.workflow.name,
        "version": record.version,
        "labels": dict(record.origin.labels),
    }


def doing_of(record: RunRecord, path: str, task: StepTask) -> Doing:
    """Return what a step does that a worker is about to get."""
    planned = record.plan.at(path)
    asks = task.kind in ("agent", "llm")
    named = getattr(planned.step, "agent", None) if task.kind == "agent" else None
    return Doing(
        path=path,
        kind=task.kind,
        effect=task.effect,
        agent=str(named) if named is not None else None,
        model=(task.model or "default") if asks else None,
        tool=task.tool.name if task.tool else None,
    )


def arguments_of(task: StepTask) -> JsonValue:
    """Return what people see of a step that a rule asks about; secrets are not in a task."""
    shown = task.http or task.tool or task.code
    if shown is not None:
        written: JsonObject = shown.model_dump(mode="json")
        return written
    return {"prompt": task.prompt, "model": task.model, "tools": [*task.tools] if task.tools else None}


def _ruling(rules: Sequence[Rule], scope: Scope, *, approved: Sequence[str]) -> Ruling:
    limiting: list[Rule] = []
    asking: Ruling | None = None
    for rule in rules:
        if not rule.enabled or (rule.effect == "require_approval" and rule.name in approved):
            continue
        verdict = judge_rule(rule.when, scope)
        if not verdict.holds:
            continue
        ruling = Ruling(rule, rule.message or verdict.error or f"It holds when {rule.when.strip()}.")
        if rule.effect == "deny":
            return ruling
        if rule.effect == "limit":
            limiting.append(rule)
        else:
            asking = asking or ruling
    return Ruling(asking.rule, asking.reason, tuple(limiting)) if asking else Ruling(limiting=tuple(limiting))


def _approved_for_run(record: RunRecord) -> tuple[str, ...]:
    """Rules about the workflow as a whole are asked once a run, whichever step comes first."""
    whole = {rule.name for rule in record.rules or () if not _looks_closer(rule)}
    if not whole:
        return ()
    return tuple(name for step in record.state.steps.values() for name in step.approved if name in whole)


def _looks_closer(rule: Rule) -> bool:
    return any(name in rule.when for name in ("step", "agent", "model", "tool", "cost"))
