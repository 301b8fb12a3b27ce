"""The resolved form of a workflow: what `decide` works on and what is stored with a run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from flowloom_contracts.base import Document, JsonValue
from flowloom_contracts.durations import parse_duration
from flowloom_contracts.step_fields import Retry, StepFields
from flowloom_contracts.steps.switch import ElseCase, SwitchStep
from flowloom_contracts.workflow import Defaults, Step, Workflow, kind_of
from flowloom_language.expressions.references import Reference, references
from flowloom_language.expressions.templates import parse_template

DEFAULT_TIMEOUT: float = 300.0
"""Seconds of one attempt of a slow step when nothing is written."""

SLOW_KINDS = frozenset({"agent", "llm"})
"""Kinds that a worker carries out; the others are computed inside `decide`."""


class Edge(Document):
    """`wait` edges only order; `need` and `switch` edges decide whether the step runs."""

    source: str
    type: Literal["need", "wait", "switch"]


class RetryPolicy(Document):
    """A `retry` with every part filled in; times in seconds."""

    max: int
    first: float
    factor: float
    cap: float
    jitter: bool
    on: list[str]


class PlanStep(Document):
    """One step with everything that the document's defaults add to it."""

    path: str
    kind: str
    step: Step
    edges: list[Edge]
    join: Literal["all", "any"]
    retry: RetryPolicy | None
    timeout: float | str | None
    model: str | None

    @property
    def is_slow(self) -> bool:
        """Whether a worker carries it out."""
        return self.kind in SLOW_KINDS


class Plan(Document):
    """The steps in the order of the document, and the outputs' templates."""

    name: str
    steps: list[PlanStep]
    outputs: dict[str, JsonValue]

    def step(self, path: str) -> PlanStep:
        """Return the step at a path; raises KeyError."""
        for step in self.steps:
            if step.path == path:
                return step
        raise KeyError(path)


def compile_plan(workflow: Workflow) -> Plan:
    """Return the plan of a valid workflow."""
    naming = switches_by_target(workflow.steps)
    return Plan(
        name=workflow.metadata.name,
        steps=[
            _plan_step(path, step, naming.get(path, ()), workflow.defaults)
            for path, step in workflow.steps.items()
        ],
        outputs=workflow.outputs,
    )


def _plan_step(path: str, step: Step, switches: Iterable[str], defaults: Defaults) -> PlanStep:
    kind = kind_of(step)
    is_slow = kind in SLOW_KINDS
    return PlanStep(
        path=path,
        kind=kind,
        step=step,
        edges=edges_of(step, switches),
        join=step.join,
        retry=_retry(step.retry or defaults.retry) if is_slow else None,
        timeout=_timeout(step, defaults) if is_slow else None,
        model=_model(step, defaults) if is_slow else None,
    )


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


def _timeout(step: StepFields, defaults: Defaults) -> float | str:
    written = step.timeout or defaults.timeout
    if written is None:
        return DEFAULT_TIMEOUT
    return written if "${" in written else parse_duration(written)


def _model(step: Step, defaults: Defaults) -> str | None:
    named = getattr(step, "llm", None) or getattr(step, "model", None)
    return defaults.model if named in (None, "default") else named


def switches_by_target(steps: Mapping[str, Step]) -> dict[str, list[str]]:
    """Return for every step that a switch names the switches that do."""
    naming = dict[str, list[str]]()
    for path, step in steps.items():
        for target in cases_by_target(step) if isinstance(step, SwitchStep) else ():
            naming.setdefault(target, []).append(path)
    return naming


def edges_of(step: Step, switches: Iterable[str]) -> list[Edge]:
    """Return a step's edges: switch before need before wait where one source has several."""
    edges = {name: Edge(source=name, type="switch") for name in switches}
    for source in step.needs:
        edges.setdefault(source, Edge(source=source, type="need"))
    for reference in step_references(step):
        named = reference.step
        if named is None:
            continue
        is_wait = reference.is_wait or step.join == "any"
        if not is_wait and (named not in edges or edges[named].type == "wait"):
            edges[named] = Edge(source=named, type="need")
        edges.setdefault(named, Edge(source=named, type="wait"))
    return list(edges.values())


def cases_by_target(switch: SwitchStep) -> dict[str, set[int]]:
    """Return the steps a switch names, in the order of its cases, each with the cases that name it."""
    found = dict[str, set[int]]()
    for case in range(len(switch.switch)):
        for target in case_targets(switch, case):
            found.setdefault(target, set()).add(case)
    return found


def case_targets(switch: SwitchStep, case: int) -> list[str]:
    """Return the steps that one case names."""
    chosen = switch.switch[case]
    written = chosen.otherwise if isinstance(chosen, ElseCase) else chosen.then
    return [written] if isinstance(written, str) else list(written)


def step_references(step: Step) -> Iterator[Reference]:
    """Yield every reference of every template of a step."""
    for template in texts(templated_fields(step)):
        for node in parse_template(template).expressions:
            yield from references(node)


UNTEMPLATED = ("title", "description", "needs", "join", "retry", "agent", "llm", "model", "tools", "output")
"""Fields whose text is never a template: names, ids, numbers of `retry` and JSON Schemas."""


def templated_fields(step: Step) -> dict[str, JsonValue]:
    """Return the written fields that may hold templates, by their names in the document."""
    written = step.model_dump(mode="json", exclude_unset=True, by_alias=True)
    return {name: value for name, value in written.items() if name not in UNTEMPLATED}


def texts(value: JsonValue) -> Iterator[str]:
    """Yield the texts in a value that hold a template, at any depth; keys are not templates."""
    if isinstance(value, str):
        if "${" in value:
            yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)
