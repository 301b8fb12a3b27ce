"""Finds what the language has but this build does not, so that it is refused by name and not as a typo."""

from collections.abc import Iterator
from typing import Final

from flowloom_contracts.document import ProblemCode
from flowloom_contracts.workflow import AVAILABLE_KINDS, STEP_KINDS
from flowloom_language.draft import Draft, Path
from flowloom_language.source_tree import Mapping, Node

DOCUMENT_FIELDS: Final = ("secrets", "limits", "agents", "triggers", "on_failure")
STEP_FIELDS: Final = ("on_error", "budget", "effect", "idempotency_key", "undo")
WAIT_FIELDS: Final = ("until", "event")


def mark_unavailable(draft: Draft) -> None:
    """Report every such field and kind, and remember its place."""
    for name in _present(draft.root, DOCUMENT_FIELDS):
        _refuse(draft, (name,), f"{name!r} is not available in this build yet.")
    for step_id, node in draft.step_nodes().items():
        for path, what in _of_step(node):
            _refuse(draft, ("steps", step_id, *path), what)
        if isinstance(node, Mapping) and _is_unreadable(node):
            draft.unavailable.add(("steps", step_id))


def unavailable_kind(step: Mapping) -> str | None:
    """Return the step's kind if this build does not have it and the step has no other kind."""
    kinds = [name for name in STEP_KINDS if name in step.values]
    return kinds[0] if len(kinds) == 1 and kinds[0] not in AVAILABLE_KINDS else None


def _is_unreadable(step: Mapping) -> bool:
    wait = step.values.get("wait")
    return unavailable_kind(step) is not None or (wait is not None and any(_present(wait, WAIT_FIELDS)))


def _of_step(step: Node) -> Iterator[tuple[Path, str]]:
    if not isinstance(step, Mapping):
        return
    kind = unavailable_kind(step)
    if kind:
        yield (kind,), f"Steps of kind {kind!r} are not available in this build yet."
    for name in _present(step, STEP_FIELDS):
        yield (name,), f"{name!r} is not available in this build yet."
    wait = step.values.get("wait")
    for name in _present(wait, WAIT_FIELDS) if wait else ():
        yield ("wait", name), f"'wait' with {name!r} is not available in this build yet; 'for' is."


def _present(node: Node, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, Mapping):
        yield from (name for name in node.values if name in names)


def _refuse(draft: Draft, path: Path, message: str) -> None:
    draft.unavailable.add(path)
    draft.report(ProblemCode.NOT_AVAILABLE, path, message, at_key=True)
