"""Checks how the steps of each block hang together: cycles, joins without edges, steps that can never run."""

from collections.abc import Mapping
from typing import TypeAlias

from flowloom_contracts.base import JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft
from flowloom_language.edges import Edge, KnownUses, cases_by_target, edges_of_block
from flowloom_language.written_steps import MAX_NESTING, Block

Edges: TypeAlias = dict[str, list[Edge]]
Choices: TypeAlias = dict[str, frozenset[int]]
"""For a step to run: which cases of which switches must be chosen."""
Cases: TypeAlias = dict[str, set[int]]
"""The steps a switch names, each with the cases that name it."""


def check_graph(draft: Draft) -> None:
    """Report cycles; in blocks without them also joins and steps that can never run."""
    known: KnownUses = {}
    for block in draft.blocks:
        if block.kind != "undo" and block.depth <= MAX_NESTING:
            _check_block(draft, block, edges_of_block(block.steps, known))


def _check_block(draft: Draft, block: Block, edges: Edges) -> None:
    cycles = _cycles(edges)
    for cycle in cycles:
        shown = " → ".join([*cycle, cycle[0]])
        draft.report(
            ProblemCode.CYCLE,
            (*block.path, cycle[0]),
            f"The steps wait for each other: {shown}.",
            hint="Take one of these references or needs away.",
            at_key=True,
        )
    _check_joins(draft, block, edges)
    if not cycles:
        _check_reachable(draft, block, edges)


def _cycles(edges: Edges) -> list[list[str]]:
    """Return one cycle of every group of steps that wait for each other (Tarjan, without recursion)."""
    order, low = dict[str, int](), dict[str, int]()
    stack, on_stack, groups = list[str](), set[str](), list[list[str]]()
    for root in edges:
        work = [] if root in order else [(root, iter(edges[root]))]
        while work:
            path, rest = work[-1]
            if path not in order:
                order[path] = low[path] = len(order)
                stack.append(path)
                on_stack.add(path)
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[path])
                if low[path] == order[path]:
                    groups.append(_take_group(stack, on_stack, path))
            elif following.source not in order:
                work.append((following.source, iter(edges[following.source])))
            elif following.source in on_stack:
                low[path] = min(low[path], order[following.source])
    return [_one_cycle(edges, group) for group in groups if len(group) > 1 or _is_own_source(edges, group[0])]


def _take_group(stack: list[str], on_stack: set[str], last: str) -> list[str]:
    group = list[str]()
    while not group or group[-1] != last:
        group.append(stack.pop())
        on_stack.discard(group[-1])
    return group


def _is_own_source(edges: Edges, path: str) -> bool:
    return any(edge.source == path for edge in edges[path])


def _one_cycle(edges: Edges, group: list[str]) -> list[str]:
    """Follow sources inside the group until a step comes again; begin with the first in the document."""
    members = set(group)
    walked = list[str]()
    path = next(step for step in edges if step in members)
    while path not in walked:
        walked.append(path)
        path = next(edge.source for edge in edges[path] if edge.source in members)
    cycle = walked[walked.index(path) :]
    first = next(step for step in edges if step in cycle)
    start = cycle.index(first)
    return list(reversed([*cycle[start + 1 :], *cycle[: start + 1]]))


def _check_joins(draft: Draft, block: Block, edges: Edges) -> None:
    for step_id, step in block.steps.items():
        if not isinstance(step, dict) or step.get("join") != "any":
            continue
        if all(edge.type == "wait" for edge in edges[step_id]):
            draft.report(
                ProblemCode.INVALID_VALUE,
                (*block.path, step_id, "join"),
                "'join: any' needs at least one step in 'needs' or a switch that names this step.",
                hint="References do not count here; write needs.",
            )


def _check_reachable(draft: Draft, block: Block, edges: Edges) -> None:
    choices = dict[str, Choices | None]()
    switches = {
        step_id: cases_by_target(step)
        for step_id, step in block.steps.items()
        if isinstance(step, dict) and "switch" in step
    }
    for step_id in _sources_first(edges):
        step = block.steps[step_id]
        join = step.get("join") if isinstance(step, dict) else None
        choices[step_id] = _joined(join, _edge_choices(step_id, edges[step_id], choices, switches))
        if choices[step_id] is None:
            draft.report(
                ProblemCode.UNREACHABLE_STEP,
                (*block.path, step_id),
                f"{step_id!r} can never run: what it needs is never chosen together.",
                hint="Use join: any, or take one of its needs away.",
                at_key=True,
                severity="warning",
            )


def _sources_first(edges: Edges) -> list[str]:
    done = dict[str, None]()
    for root in edges:
        work = [root]
        while work:
            path = work[-1]
            missing = [edge.source for edge in edges[path] if edge.source not in done]
            if missing:
                work.extend(missing)
            else:
                done[work.pop()] = None
    return list(done)


def _edge_choices(
    path: str, edges: list[Edge], known: Mapping[str, Choices | None], switches: Mapping[str, Cases]
) -> list[Choices | None]:
    """Return what each deciding edge demands, None for an edge that can never be on."""
    found = list[Choices | None]()
    for edge in edges:
        before = known[edge.source]
        if edge.type == "switch" and before is not None:
            before = {**before, edge.source: frozenset(switches[edge.source][path])}
        if edge.type != "wait":
            found.append(before)
    return found


def _joined(join: JsonValue, each: list[Choices | None]) -> Choices | None:
    """Return the choices a step depends on, None if no choice lets it run."""
    if not each:
        return {}
    if join == "any":
        return _either([one for one in each if one is not None])
    together: Choices = {}
    for one in each:
        if one is None:
            return None
        for switch, cases in one.items():
            together[switch] = together.get(switch, cases) & cases
    return None if any(not cases for cases in together.values()) else together


def _either(each: list[Choices]) -> Choices | None:
    """What every alternative demands; None if there is no alternative."""
    if not each:
        return None
    shared = set(each[0]).intersection(*each[1:])
    return {switch: frozenset().union(*(one[switch] for one in each)) for switch in shared}
