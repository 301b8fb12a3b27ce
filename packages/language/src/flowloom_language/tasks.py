"""Builds what a worker gets for one attempt of a step."""

import re
from typing import Final

from flowloom_contracts.agents import AgentProfile, CodeTask, HttpTask, MemoryUse, StepTask, ToolTask
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.runs import Spending
from flowloom_contracts.step_fields import Memory
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.code import CodeStep
from flowloom_contracts.steps.http import HTTP_METHODS, HttpStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_contracts.steps.tool import ToolStep
from flowloom_language.error_places import with_field
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.templates import render
from flowloom_language.expressions.values import kind, printed
from flowloom_language.plan import Plan, effect_of
from flowloom_language.scopes import (
    NO_VALUES,
    Values,
    count_of,
    number_of,
    seconds,
    step_scope,
    text_of,
)
from flowloom_language.secret_places import SecretKeeper
from flowloom_language.state import Override, RunState

_MOST_TOKENS: Final = 1_000_000
_MOST_BUDGET: Final = 10**12
_MOST_NOTES: Final = 20
_INDEX: Final = re.compile(r"\[\d+\]")
_STATUS: Final = re.compile(r"([1-5])xx|([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", re.ASCII)


def build_task(plan: Plan, state: RunState, path: str, *, values: Values = NO_VALUES) -> StepTask:
    """Return the task with its templates evaluated now; raises ExpressionError.

    Secrets are not in it, only their places. `values` has what `needed_values` names.
    """
    planned = plan.at(path)
    scope = step_scope(plan, state, path, values)
    try:
        return _built(plan, state, path, scope)
    except ExpressionError as error:
        raise ExpressionError(with_field(planned, scope, error)) from error


def _built(plan: Plan, state: RunState, path: str, scope: Scope) -> StepTask:
    planned = plan.at(path)
    match planned.step:
        case AgentStep() | LlmStep():
            task = _asking(plan, state, path, scope)
        case HttpStep():
            task = _http(planned.step, scope)
        case ToolStep():
            task = _tool(planned.step, scope)
        case CodeStep():
            task = _code(planned.step, scope)
        case _:
            raise TypeError(f"step {path!r} is carried out by no worker")
    key = planned.step.idempotency_key
    method = task.http.method if task.http else None
    return task.model_copy(
        update={
            "timeout_s": _timeout(planned.timeout, scope),
            "effect": planned.effect or effect_of(planned.step, method) or "once",
            "idempotency_key": None if key is None else text_of(key, scope),
        }
    )


def step_budget(plan: Plan, state: RunState, path: str, *, values: Values = NO_VALUES) -> Spending | None:
    """Return the step's own budget, all attempts together; raises ExpressionError."""
    written = plan.at(path).step.budget
    if written is None:
        return None
    scope = step_scope(plan, state, path, values)
    return Spending(
        tokens=count_of(written.tokens, scope, purpose="budget.tokens", most=_MOST_BUDGET),
        usd=_positive(number_of(written.usd, scope, purpose="budget.usd", most=1e6), "budget.usd"),
        seconds=_positive(
            number_of(written.seconds, scope, purpose="budget.seconds", most=1e8), "budget.seconds"
        ),
    )


def _positive(value: float | None, purpose: str) -> float | None:
    if value is not None and value <= 0:
        raise ExpressionError(f"{purpose} is more than 0.")
    return value


def override_of(state: RunState, path: str) -> Override:
    """Return what a fork changes about a step, at its path or at the path without item numbers."""
    known = state.overrides
    return known.get(path) or known.get(_INDEX.sub("", path)) or Override()


def _asking(plan: Plan, state: RunState, path: str, scope: Scope) -> StepTask:
    planned = plan.at(path)
    step = planned.step
    if not isinstance(step, AgentStep | LlmStep):
        raise TypeError(f"step {path!r} asks no model")
    changed, known = override_of(state, path), state.steps.get(path)
    agent = plan.agents.get(step.agent) if isinstance(step, AgentStep) else None
    named = step.model if isinstance(step, AgentStep) else None
    task = StepTask(
        kind="agent" if isinstance(step, AgentStep) else "llm",
        prompt=text_of(changed.prompt or step.prompt, scope),
        output_schema=step.output,
        model=(known.model_override if known else None)
        or changed.model
        or named
        or (agent.model if agent else None)
        or planned.model,
        temperature=number_of(step.temperature, scope, purpose="temperature", most=2),
        max_tokens=count_of(step.max_tokens, scope, purpose="max_tokens", most=_MOST_TOKENS),
        timeout_s=1,
    )
    if isinstance(step, LlmStep):
        system = None if step.system is None else text_of(step.system, scope)
        return task.model_copy(update={"system": system})
    changes: dict[str, object] = {
        "agent": step.agent,
        "tools": step.tools,
        "memory": _memory(step.memory, scope),
        "given": _mapping(render(step.arguments, scope), "with"),
    }
    return task.model_copy(update=changes | _of_document(step.agent, agent, task))


def _of_document(name: str, agent: AgentDefinition | None, task: StepTask) -> dict[str, object]:
    """What an own agent adds: its kind carries the step out, with the words of the document or workspace."""
    if agent is None:
        return {}
    profile = AgentProfile(
        name=name, role=agent.role, goal=agent.goal, backstory=agent.backstory, tools=agent.tools
    )
    return {
        "agent": agent.kind,
        "profile": profile,
        "temperature": agent.temperature if task.temperature is None else task.temperature,
        "max_tokens": task.max_tokens or agent.max_tokens,
    }


def _http(step: HttpStep, scope: Scope) -> StepTask:
    written, keeper = step.http, SecretKeeper(scope)
    method = text_of(written.method, scope)
    if method not in HTTP_METHODS:
        raise ExpressionError(f"{method[:20]!r} is no method; methods are {', '.join(HTTP_METHODS)}.")
    headers = _mapping(keeper.render(written.headers, ("http", "headers")), "headers")
    query = _mapping(keeper.render(written.query, ("http", "query")), "query")
    body = keeper.render(written.body, ("http", "body"))
    http = HttpTask(
        method=method,
        url=text_of(written.url, scope),
        headers={name: printed(value, Meter()) for name, value in headers.items() if value is not None},
        query=query,
        body=body,
        has_body=body is not None,
        expect=expected_statuses(render(_plain(written.expect), scope)),
        parse=written.parse,
    )
    return StepTask(kind="http", http=http, secrets=keeper.places, timeout_s=1)


def _plain(written: int | str | list[int | str]) -> JsonValue:
    return [*written] if isinstance(written, list) else written


def expected_statuses(value: JsonValue) -> str:
    """Return statuses as one text, `200-299,404`; raises ExpressionError."""
    parts = value if isinstance(value, list) else str(value).split(",")
    found = list[str]()
    for part in parts:
        match = _STATUS.fullmatch(str(part).strip())
        if match is None:
            raise ExpressionError(f"{str(part)[:40]!r} is no status: write 200, 2xx or 200-299.")
        found.append(f"{match[1]}00-{match[1]}99" if match[1] else match[0])
    return ",".join(found)


def _tool(step: ToolStep, scope: Scope) -> StepTask:
    keeper = SecretKeeper(scope)
    arguments = _mapping(keeper.render(step.arguments, ("tool", "arguments")), "with")
    tool = ToolTask(name=step.tool, arguments=arguments)
    return StepTask(kind="tool", tool=tool, secrets=keeper.places, timeout_s=1)


def _code(step: CodeStep, scope: Scope) -> StepTask:
    names = _mapping(render(dict(step.code.arguments), scope), "with")
    return StepTask(kind="code", code=CodeTask(source=step.code.source, names=names), timeout_s=1)


def _mapping(value: JsonValue, purpose: str) -> JsonObject:
    if not isinstance(value, dict):
        raise ExpressionError(f"{purpose} is a map, not {kind(value)}.")
    return value


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
