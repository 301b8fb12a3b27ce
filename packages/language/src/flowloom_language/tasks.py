"""Builds what a worker gets for one attempt of an `agent` or `llm` step."""

from flowloom_contracts.agents import MemoryUse, StepTask
from flowloom_contracts.step_fields import Memory
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.plan import Plan, PlanStep
from flowloom_language.scopes import count_of, number_of, seconds, step_scope, text_of
from flowloom_language.state import RunState

_MOST_TOKENS = 1_000_000
_MOST_NOTES = 20


def build_task(plan: Plan, state: RunState, path: str) -> StepTask:
    """Return the task with its templates evaluated now; raises ExpressionError."""
    planned = plan.step(path)
    scope = step_scope(planned, state)
    step = planned.step
    if isinstance(step, AgentStep):
        return _task(planned, step, scope).model_copy(
            update={"agent": step.agent, "tools": step.tools, "memory": _memory(step.memory, scope)}
        )
    if isinstance(step, LlmStep):
        system = None if step.system is None else text_of(step.system, scope)
        return _task(planned, step, scope).model_copy(update={"system": system})
    raise TypeError(f"step {path!r} is carried out by no worker")


def _task(planned: PlanStep, step: AgentStep | LlmStep, scope: Scope) -> StepTask:
    return StepTask(
        kind="agent" if isinstance(step, AgentStep) else "llm",
        prompt=text_of(step.prompt, scope),
        output_schema=step.output,
        model=planned.model,
        temperature=number_of(step.temperature, scope, purpose="temperature", most=2),
        max_tokens=count_of(step.max_tokens, scope, purpose="max_tokens", most=_MOST_TOKENS),
        timeout_s=_timeout(planned.timeout, scope),
    )


def _timeout(written: float | str | None, scope: Scope) -> float:
    found = seconds(written, scope) if isinstance(written, str) else written
    if not found:
        raise ExpressionError("A timeout is longer than 0 seconds.")
    return found


def _memory(written: Memory | None, scope: Scope) -> MemoryUse | None:
    if written is None:
        return None
    return MemoryUse(
        read=[text_of(name, scope) for name in written.read],
        top=count_of(written.top, scope, purpose="top", most=_MOST_NOTES) or 1,
        write=None if written.write is None else text_of(written.write, scope),
    )
