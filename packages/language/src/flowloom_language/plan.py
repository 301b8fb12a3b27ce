"""The resolved form of a workflow: what `decide` works on and what is stored with a run."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, Literal

from pydantic import field_serializer

from flowloom_contracts.base import Document, JsonObject, JsonValue
from flowloom_contracts.document_parts import AgentDefinition, Defaults, Limits
from flowloom_contracts.durations import parse_duration
from flowloom_contracts.step_fields import Effect, OnError, Retry
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.http import HttpStep
from flowloom_contracts.steps.loop import LoopStep
from flowloom_contracts.workflow import Step, Workflow, kind_of
from flowloom_language.edges import Edge, edges_of_block, uses_of, written_step
from flowloom_language.template_sites import Role, template_sites

DEFAULT_TIMEOUT: Final = 300.0
"""Seconds of one attempt of a slow step when nothing is written."""

SLOW_KINDS: Final = frozenset({"agent", "llm", "tool", "http", "code"})
"""Kinds that a worker carries out; the others are computed inside `decide`."""

_RETRIED: Final = SLOW_KINDS | {"workflow"}
"""Kinds whose attempts may end differently the next time; those that compute would fail again."""

_INDEX: Final = re.compile(r"\[\d+\]")
_IDEMPOTENT_KINDS: Final = ("emit", "workflow")
_EFFECT_OF_METHOD: Final[dict[str, Effect]] = {
    "GET": "none",
    "HEAD": "none",
    "OPTIONS": "none",
    "PUT": "idempotent",
    "DELETE": "idempotent",
}


class RetryPolicy(Document):
    """A `retry` with every part filled in; times in seconds."""

    max: int
    first: float
    factor: float
    cap: float
    jitter: bool
    on: list[str]


class Recovery(Document):
    """What `on_error` says; `on` is None for every code but `cancelled`."""

    on: list[str] | None = None
    block: "Block"
    output: JsonValue = None


class PlanStep(Document):
    """One step with everything that the document's defaults add to it.

    `path` is its path in a run without the numbers of items: `research[].found`, `send.on_error.tell`.
    """

    path: str
    kind: str
    step: Step
    edges: list[Edge]
    join: Literal["all", "any"]
    retry: RetryPolicy | None
    timeout: float | str | None
    model: str | None
    effect: Effect | None = None
    """None: as the tool declares, or as the method says once it is known."""
    body: "Block | None" = None
    recovery: Recovery | None = None
    undo: "PlanStep | None" = None

    @field_serializer("step")
    def _as_written(self, step: Step) -> JsonObject:
        return written_step(step)

    @property
    def is_slow(self) -> bool:
        """Whether a worker carries it out."""
        return self.kind in SLOW_KINDS

    @cached_property
    def texts(self) -> dict[Role, tuple[str, ...]]:
        """The texts with templates by the scope they stand in: own, inner (of a loop), recovery."""
        sites = list(template_sites(written_step(self.step)))
        roles: tuple[Role, ...] = ("own", "inner", "recovery")
        return {role: tuple(site.text for site in sites if site.role == role) for role in roles}

    @cached_property
    def id(self) -> str:
        """Its name among the steps beside it."""
        return self.path.rpartition(".")[2]


class Block(Document):
    """Steps that stand beside each other, in the order of the document."""

    steps: list[PlanStep] = []

    @cached_property
    def positions(self) -> dict[str, int]:
        """The places of the steps by id."""
        return {step.id: position for position, step in enumerate(self.steps)}

    @cached_property
    def followers(self) -> dict[str, tuple[str, ...]]:
        """The steps that wait for each step."""
        found = dict[str, list[str]]()
        for step in self.steps:
            for edge in step.edges:
                found.setdefault(edge.source, []).append(step.id)
        return {source: tuple(steps) for source, steps in found.items()}

    @cached_property
    def new_steps(self) -> tuple[tuple[str, str], ...]:
        """Id and kind of each step."""
        return tuple((step.id, step.kind) for step in self.steps)

    @cached_property
    def kept_for_undo(self) -> frozenset[str]:
        """Steps that must stay known as long as a step of the block may be taken back."""
        undone = [step for step in self.steps if step.undo is not None]
        used = (use.step for step in undone if step.undo for use in uses_of(written_step(step.undo.step)))
        return frozenset((*(step.id for step in undone), *used)) if undone else frozenset()

    def get(self, step_id: str) -> PlanStep | None:
        """Return the step of this id."""
        position = self.positions.get(step_id)
        return None if position is None else self.steps[position]


class Plan(Document):
    """A workflow as it runs: its steps in the order of the document, and what stands around them."""

    name: str
    steps: list[PlanStep]
    outputs: dict[str, JsonValue]
    on_failure: Block | None = None
    limits: Limits = Limits()
    agents: dict[str, AgentDefinition] = {}
    secrets: list[str] = []

    @field_serializer("limits")
    def _as_written(self, limits: Limits) -> JsonObject:
        written: JsonObject = limits.model_dump(mode="json", exclude_unset=True, by_alias=True)
        return written

    @cached_property
    def block(self) -> Block:
        """The steps of the run itself."""
        return Block(steps=self.steps)

    @cached_property
    def by_path(self) -> dict[str, PlanStep]:
        """Every step of the workflow by its path without the numbers of items."""
        found = {step.path: step for step in _every(self.on_failure)}
        return found | {step.path: step for step in _every(self.block)}

    def at(self, path: str) -> PlanStep:
        """Return the step at a path of a run, such as `research[3].found`; raises KeyError."""
        return self.by_path[_INDEX.sub("[]", path) if "[" in path else path]

    def step(self, path: str) -> PlanStep:
        """Return the step at a path of a run; raises KeyError."""
        return self.at(path)

    def with_agents(self, agents: Mapping[str, AgentDefinition]) -> "Plan":
        """Return the plan with those of the workspace's agents that its steps name; its own go first."""
        named = {step.step.agent for step in self.by_path.values() if isinstance(step.step, AgentStep)}
        found = {name: one for name, one in agents.items() if name in named}
        return self.model_copy(update={"agents": found | self.agents}) if found else self

    @cached_property
    def timeout(self) -> float | None:
        """The longest time of the whole run in seconds."""
        return None if self.limits.timeout is None else parse_duration(self.limits.timeout)


def _every(block: Block | None) -> Iterator[PlanStep]:
    for step in block.steps if block else ():
        yield from _with_inner(step)


def _with_inner(step: PlanStep) -> Iterator[PlanStep]:
    yield step
    yield from _every(step.body)
    if step.recovery is not None:
        yield from _every(step.recovery.block)
    if step.undo is not None:
        yield from _with_inner(step.undo)


def compile_plan(workflow: Workflow) -> Plan:
    """Return the plan of a valid workflow."""
    failing = workflow.on_failure
    return Plan(
        name=workflow.metadata.name,
        steps=_block(workflow.steps, "", workflow.defaults).steps,
        outputs=workflow.outputs,
        on_failure=None if failing is None else _block(failing.do, "on_failure.", workflow.defaults),
        limits=workflow.limits,
        agents=workflow.agents,
        secrets=list(workflow.secrets),
    )


def _block(steps: Mapping[str, Step], prefix: str, defaults: Defaults) -> Block:
    edges = edges_of_block({step_id: written_step(step) for step_id, step in steps.items()})
    return Block(
        steps=[
            _plan_step(prefix + step_id, step, edges[step_id], defaults) for step_id, step in steps.items()
        ]
    )


def _plan_step(path: str, step: Step, edges: list[Edge], defaults: Defaults) -> PlanStep:
    kind = kind_of(step)
    is_slow = kind in SLOW_KINDS
    return PlanStep(
        path=path,
        kind=kind,
        step=step,
        edges=edges,
        join=step.join,
        retry=_retry(step.retry or (defaults.retry if is_slow else None)) if kind in _RETRIED else None,
        timeout=_timeout(step, defaults) if is_slow else None,
        model=_model(step, defaults) if is_slow else None,
        effect=effect_of(step),
        body=_block(step.do, f"{path}[].", defaults) if isinstance(step, LoopStep) else None,
        recovery=_recovery(path, step, defaults),
        undo=None if step.undo is None else _plan_step(f"{path}.undo", step.undo, [], defaults),
    )


def _recovery(path: str, step: Step, defaults: Defaults) -> Recovery | None:
    written = step.on_error
    if written is None:
        return None
    if not isinstance(written, OnError):
        return Recovery(block=Block())
    block = _block(written.do, f"{path}.on_error.", defaults)
    return Recovery(on=written.on, block=block, output=written.output)


def _retry(retry: Retry | None) -> RetryPolicy | None:
    if retry is None or retry.max == 0:
        return None
    return RetryPolicy(
        max=retry.max,
        first=parse_duration(retry.first),
        factor=retry.factor,
        cap=parse_duration(retry.cap),
        jitter=retry.jitter,
        on=list(retry.on),
    )


def _timeout(step: Step, defaults: Defaults) -> float | str:
    written = step.timeout or defaults.timeout
    if written is None:
        return DEFAULT_TIMEOUT
    return written if "${" in written else parse_duration(written)


def _model(step: Step, defaults: Defaults) -> str | None:
    named = getattr(step, "llm", None) or getattr(step, "model", None)
    return defaults.model if named in (None, "default") else named


def effect_of(step: Step, method: str | None = None) -> Effect | None:
    """Return what a repeated call of a step would do, None where the tool or the method decides."""
    if step.effect is not None or step.idempotency_key is not None:
        return step.effect or "idempotent"
    if isinstance(step, HttpStep):
        written = method or step.http.method
        return None if "${" in written else _EFFECT_OF_METHOD.get(written, "once")
    kind = kind_of(step)
    return None if kind == "tool" else "idempotent" if kind in _IDEMPOTENT_KINDS else "none"
