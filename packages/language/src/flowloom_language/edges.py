"""Which steps a step waits for: the edges of `flowloom/v1` section 3.1, from what is written alone.

A written step is the plain data of the document: what the validator reads before it knows whether the step is
right, and what a model dumps with its unset fields left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flowloom_contracts.base import Document, JsonObject, JsonValue
from flowloom_contracts.workflow import Step
from flowloom_language.expressions.errors import ExpressionSyntaxError
from flowloom_language.expressions.references import references
from flowloom_language.expressions.templates import parse_template
from flowloom_language.template_sites import template_sites


class Edge(Document):
    """`wait` edges only order; `need` and `switch` edges decide whether the step runs."""

    source: str
    type: Literal["need", "wait", "switch"]


@dataclass(frozen=True, slots=True)
class Use:
    """A step that another one refers to; `is_wait`: it may end in any way."""

    step: str
    is_wait: bool


KnownUses: TypeAlias = dict[str, tuple[Use, ...]]
"""What was found in a text already."""


def written_step(step: Step) -> JsonObject:
    """Return a step as its document has it, with the steps inside it."""
    data: JsonObject = step.model_dump(mode="json", exclude_unset=True, by_alias=True)
    return data


def edges_of_block(steps: Mapping[str, JsonValue], known: KnownUses | None = None) -> dict[str, list[Edge]]:
    """Return the edges of the steps that stand beside each other, by id; only to each other.

    `known` spares the work of reading a text again for each block around it.
    """
    naming = _switches_by_target(steps)
    known = {} if known is None else known
    found = dict[str, list[Edge]]()
    for step_id, step in steps.items():
        uses = uses_of(step, step_id, known) if isinstance(step, dict) else ()
        found[step_id] = _merged(step, steps, naming.get(step_id, []), uses)
    return found


def uses_of(step: JsonObject, step_id: str | None = None, known: KnownUses | None = None) -> Iterator[Use]:
    """Yield every step outside of it that a step refers to, itself or through a step inside it.

    `step_id` is its own id: its `undo` refers to it without waiting for it; from the other steps inside it
    that is a problem of the document and no edge.
    """
    known = {} if known is None else known
    is_any = step.get("join") == "any"
    inner, recovery = inner_steps(step, "do"), inner_steps(step, "on_error", "do")
    for site in template_sites(step):
        hidden = {"own": {}, "inner": inner, "recovery": recovery}[site.role]
        for use in _uses_of_text(site.text, known):
            is_inside = site.role != "own" and use.step == step_id
            if use.step not in hidden and not is_inside:
                yield Use(use.step, use.is_wait or is_any or site.role == "recovery")
    for block, is_wait in ((inner, is_any), (recovery, True)):
        for inner_id, inner_step in block.items():
            for use in uses_of(inner_step, inner_id, known) if isinstance(inner_step, dict) else ():
                if use.step not in block and use.step != step_id:
                    yield Use(use.step, use.is_wait or is_wait)
    undo = step.get("undo")
    for use in uses_of(undo, None, known) if isinstance(undo, dict) else ():
        if use.step != step_id:
            yield Use(use.step, is_wait=True)


def inner_steps(step: JsonObject, *path: str) -> Mapping[str, JsonValue]:
    """Return the steps written at a path inside a step, none if there is something else."""
    found: JsonValue = step
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def cases_by_target(switch: JsonObject) -> dict[str, set[int]]:
    """Return the steps a switch names, in the order of its cases, each with the cases that name it."""
    found = dict[str, set[int]]()
    cases = switch.get("switch")
    for position, case in enumerate(cases if isinstance(cases, list) else ()):
        written = case.get("then", case.get("else")) if isinstance(case, dict) else None
        for target in written if isinstance(written, list) else [written]:
            if isinstance(target, str):
                found.setdefault(target, set()).add(position)
    return found


def _switches_by_target(steps: Mapping[str, JsonValue]) -> dict[str, list[str]]:
    naming = dict[str, list[str]]()
    for step_id, step in steps.items():
        for target in cases_by_target(step) if isinstance(step, dict) else ():
            naming.setdefault(target, []).append(step_id)
    return naming


def _merged(
    step: JsonValue, steps: Mapping[str, JsonValue], switches: list[str], uses: Iterable[Use]
) -> list[Edge]:
    """Switch before need before wait, where one source has several."""
    edges = {name: Edge(source=name, type="switch") for name in switches}
    needs = step.get("needs") if isinstance(step, dict) else None
    for source in needs if isinstance(needs, list) else ():
        if isinstance(source, str) and source in steps:
            edges.setdefault(source, Edge(source=source, type="need"))
    for use in uses:
        if use.step not in steps:
            continue
        known = edges.get(use.step)
        if known is None or (known.type == "wait" and not use.is_wait):
            edges[use.step] = Edge(source=use.step, type="wait" if use.is_wait else "need")
    return list(edges.values())


def _uses_of_text(text: str, known: KnownUses) -> tuple[Use, ...]:
    if text not in known:
        try:
            expressions = parse_template(text).expressions
        except ExpressionSyntaxError:
            expressions = ()  # the validator reports it
        found = (reference for expression in expressions for reference in references(expression))
        known[text] = tuple(Use(one.step, one.is_wait) for one in found if one.step is not None)
    return known[text]
