"""Checks the ids of a document and the places that name a step."""

import re
from typing import Final

from flowloom_contracts.document import ProblemCode
from flowloom_contracts.step_fields import ID_PATTERN
from flowloom_contracts.steps.switch import ElseCase, SwitchStep
from flowloom_language.draft import Draft, Path
from flowloom_language.problems import did_you_mean
from flowloom_language.source_tree import Mapping, Node, Scalar, Sequence

RESERVED: Final = frozenset(
    [
        "in",
        "true",
        "false",
        "null",
        "has",
        "all",
        "exists",
        "filter",
        "map",
        "default",
        "inputs",
        "steps",
        "run",
        "trigger",
        "secrets",
        "error",
        "previous",
        "index",
    ]
)
_ID: Final = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")


def check_names(draft: Draft) -> None:
    """Report ids that are no ids, and names of steps that do not exist."""
    for step_id, node in draft.step_nodes().items():
        _check_id(draft, ("steps", step_id), step_id)
        if isinstance(node, Mapping):
            _check_needs(draft, ("steps", step_id, "needs"), node.values.get("needs"))
    outputs = draft.root.values.get("outputs")
    for name in outputs.values if isinstance(outputs, Mapping) else ():
        _check_id(draft, ("outputs", name), name)
    for step_id, step in draft.steps.items():
        if isinstance(step, SwitchStep):
            _check_switch(draft, ("steps", step_id, "switch"), step)


def _check_id(draft: Draft, path: Path, name: str) -> None:
    if name in RESERVED:
        draft.report(
            ProblemCode.RESERVED_ID,
            path,
            f"{name!r} is a word of the expression language.",
            hint=f"Use another id, such as {name}_step.",
            at_key=True,
        )
    elif not _ID.match(name):
        draft.report(
            ProblemCode.INVALID_ID,
            path,
            f"{name[:70]!r} is not an id.",
            hint="An id has lower-case letters, digits and _, begins with a letter, and is at most 63 long.",
            at_key=True,
        )


def _check_needs(draft: Draft, path: Path, node: Node | None) -> None:
    for position, item in enumerate(node.items if isinstance(node, Sequence) else ()):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            check_step_exists(draft, (*path, position), item.value)


def _check_switch(draft: Draft, path: Path, step: SwitchStep) -> None:
    for position, case in enumerate(step.switch):
        is_else = isinstance(case, ElseCase)
        if is_else and position < len(step.switch) - 1:
            draft.report(
                ProblemCode.INVALID_VALUE,
                (*path, position, "else"),
                "'else' is the last case.",
                hint="Move it to the end.",
                at_key=True,
            )
        field = "else" if is_else else "then"
        _check_targets(draft, (*path, position, field))


def _check_targets(draft: Draft, path: Path) -> None:
    node = draft.node(path)
    if isinstance(node, Sequence):
        _check_needs(draft, path, node)
    elif isinstance(node, Scalar) and isinstance(node.value, str):
        check_step_exists(draft, path, node.value)


def check_step_exists(
    draft: Draft, path: Path, name: str, *, characters: tuple[int, int] | None = None
) -> None:
    """Report a name that is no step of the document; `characters` says where in a longer text it stands."""
    known = draft.step_nodes()
    if name in known:
        return
    code, message = ProblemCode.UNKNOWN_STEP, f"There is no step {name[:70]!r}."
    hint = did_you_mean(name, known)
    if owner := _owner_of_inner(known, name):
        code = ProblemCode.INNER_STEP_OUT_OF_SCOPE
        message, hint = f"{name!r} is a step inside {owner!r}.", f"Outside, only steps.{owner}.output exists."
    if characters:
        draft.report_within(code, path, characters, message, hint=hint)
    else:
        draft.report(code, path, message, hint=hint)


def _owner_of_inner(steps: dict[str, Node], name: str) -> str | None:
    for step_id, node in steps.items():
        inner = node.values.get("do") if isinstance(node, Mapping) else None
        if isinstance(inner, Mapping) and name in inner.values:
            return step_id
    return None
