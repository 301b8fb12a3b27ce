"""Checks the ids of a document and the places that name a step."""

from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.problems import did_you_mean
from flowloom_language.source_tree import Node, Scalar, Sequence
from flowloom_language.words import BUILT_IN_AGENTS, RESERVED, is_agent_name, is_id
from flowloom_language.written_steps import Block, WrittenStep


def check_names(draft: Draft) -> None:
    """Report ids that are no ids, ids that come twice, and names of steps that do not exist."""
    for block in draft.blocks:
        for step_id in block.steps if block.kind != "undo" else ():
            _check_id(draft, (*block.path, step_id), step_id)
    for step in draft.steps:
        _check_needs(draft, (*step.path, "needs"), step.block)
        _check_variable(draft, step)
        if step.kind == "switch":
            _check_switch(draft, step)
    outputs = draft.data.get("outputs")
    for name in outputs if isinstance(outputs, dict) else ():
        _check_id(draft, ("outputs", name), name)
    _check_agents(draft)
    _check_unique(draft, "triggers", "id")
    _check_secrets(draft)


def _check_id(draft: Draft, path: Path, name: str, *, at_key: bool = True) -> None:
    if name in RESERVED:
        draft.report(
            ProblemCode.RESERVED_ID,
            path,
            f"{name!r} is a word of the expression language.",
            hint=f"Use another id, such as {name}_step.",
            at_key=at_key,
        )
    elif not is_id(name):
        draft.report(
            ProblemCode.INVALID_ID,
            path,
            f"{name[:70]!r} is not an id.",
            hint="An id has lower-case letters, digits and _, begins with a letter, and is at most 63 long.",
            at_key=at_key,
        )


def _check_variable(draft: Draft, step: WrittenStep) -> None:
    loop = step.data.get("loop")
    variable = loop.get("as") if isinstance(loop, dict) else None
    if isinstance(variable, str) and variable in RESERVED:
        _check_id(draft, (*step.path, "loop", "as"), variable, at_key=False)


def _check_agents(draft: Draft) -> None:
    agents = draft.data.get("agents")
    for name in agents if isinstance(agents, dict) else ():
        if name in BUILT_IN_AGENTS:
            draft.report(
                ProblemCode.RESERVED_ID,
                ("agents", name),
                f"{name!r} is a built-in agent.",
                hint="Give this one another name.",
                at_key=True,
            )
        elif not is_agent_name(name):
            draft.report(
                ProblemCode.INVALID_ID,
                ("agents", name),
                f"{name[:70]!r} is not a name of an agent.",
                hint="A name is lower-case words with dashes, at most 64 long.",
                at_key=True,
            )


def _check_unique(draft: Draft, field: str, key: str) -> None:
    """Report the second of two parts with the same id."""
    parts = draft.data.get(field)
    seen = set[str]()
    for position, part in enumerate(parts if isinstance(parts, list) else ()):
        name = part.get(key) if isinstance(part, dict) else None
        if isinstance(name, str) and name in seen:
            message = f"{name[:70]!r} is written twice."
            draft.report(
                ProblemCode.DUPLICATE_KEY, (field, position, key), message, hint="Rename one of them."
            )
        if isinstance(name, str):
            seen.add(name)


def _check_secrets(draft: Draft) -> None:
    names = draft.data.get("secrets")
    seen = set[str]()
    for position, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name in seen:
            message = f"{name[:70]!r} is written twice."
            draft.report(
                ProblemCode.DUPLICATE_KEY, ("secrets", position), message, hint="Remove one of them."
            )
        if isinstance(name, str):
            seen.add(name)


def _check_needs(draft: Draft, path: Path, block: Block) -> None:
    node = draft.node(path)
    for position, item in enumerate(node.items if isinstance(node, Sequence) else ()):
        _check_sibling(draft, (*path, position), item, block)


def _check_switch(draft: Draft, step: WrittenStep) -> None:
    cases = step.data["switch"]
    for position, case in enumerate(cases if isinstance(cases, list) else ()):
        is_else = isinstance(case, dict) and "else" in case
        path: Path = (*step.path, "switch", position, "else" if is_else else "then")
        if is_else and isinstance(cases, list) and position < len(cases) - 1:
            draft.report(
                ProblemCode.INVALID_VALUE,
                path,
                "'else' is the last case.",
                hint="Move it to the end.",
                at_key=True,
            )
        target = draft.node(path)
        if isinstance(target, Sequence):
            _check_needs(draft, path, step.block)
        elif target is not None:
            _check_sibling(draft, path, target, step.block)


def _check_sibling(draft: Draft, path: Path, node: Node, block: Block) -> None:
    """Report a name in `needs`, `then` or `else` that is no step beside the one that has it."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or "${" in node.value:
        return
    name = node.value
    if name in block.steps:
        return
    if block.sees(name) is not None:
        holder = block.owner or "on_failure"
        is_need = block.owner is not None and "needs" in path[-2:]
        draft.report(
            ProblemCode.UNKNOWN_STEP,
            path,
            f"{name!r} does not stand beside this step but outside of {holder!r}.",
            hint=f"Name it in the needs of {holder!r}." if is_need else None,
        )
    else:
        report_unknown_step(draft, path, name, block)


def report_unknown_step(
    draft: Draft, path: Path, name: str, block: Block, *, characters: tuple[int, int] | None = None
) -> None:
    """Report a name that is no step here; `characters` says where in a longer text it stands."""
    code, message = ProblemCode.UNKNOWN_STEP, f"There is no step {name[:70]!r}."
    hint = did_you_mean(name, (known for outer in block.chain() for known in outer.steps))
    holder = next((other for other in draft.blocks if name in other.steps and other.kind != "undo"), None)
    if holder is not None and holder.owner is not None:
        code = ProblemCode.INNER_STEP_OUT_OF_SCOPE
        message = f"{name!r} is a step inside {holder.owner!r}."
        hint = f"Outside, only steps.{holder.owner}.output exists."
    elif holder is not None and holder.kind == "on_failure":
        code, message = ProblemCode.INNER_STEP_OUT_OF_SCOPE, f"{name!r} exists only inside on_failure."
    if characters:
        draft.report_within(code, path, characters, message, hint=hint)
    else:
        draft.report(code, path, message, hint=hint)
