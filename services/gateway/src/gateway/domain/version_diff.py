"""What changed between two documents: lines, and steps by their paths."""

import difflib
from dataclasses import dataclass

from gateway.domain.frozen_steps import placed_steps


@dataclass(frozen=True, slots=True)
class Difference:
    """A unified diff, and the paths of steps that only one has or that differ in their own fields."""

    unified: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def difference(before: str, after: str, *, names: tuple[str, str]) -> Difference:
    """Compare two documents; a text that is not YAML has no steps, its lines are compared all the same."""
    old = {step.path: step.own for step in placed_steps(before)}
    new = {step.path: step.own for step in placed_steps(after)}
    return Difference(
        unified=_unified(before, after, names),
        added=tuple(path for path in new if path not in old),
        removed=tuple(path for path in old if path not in new),
        changed=tuple(path for path in new if path in old and _differ(old[path], new[path])),
    )


def _differ(one: object, other: object) -> bool:
    # True == 1 in Python, not in a document.
    return one != other or repr(one) != repr(other)


def _unified(before: str, after: str, names: tuple[str, str]) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), fromfile=names[0], tofile=names[1], lineterm=""
    )
    text = "\n".join(lines)
    return text + "\n" if text else ""
