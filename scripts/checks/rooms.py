"""Refuses rooms without walls: modules that are named after nothing in particular."""

from typing import Final

from scripts.checks.tree import Tree

BANNED: Final = frozenset(
    {"service", "utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
)
# The base classes say which way a model travels; house-style section 5 names them so.
NAMED_BY_THE_STYLE: Final = "packages/contracts/src/flowloom_contracts/base.py"


def check(tree: Tree) -> list[str]:
    """Return modules and folders with a banned name."""
    findings = []
    for file in tree.python:
        names = {*file.path.relative_to(tree.root).parent.parts, file.path.stem}
        if (bad := names & BANNED) and file.where != NAMED_BY_THE_STYLE:
            findings.append(f"{file.where}:1: {min(bad)!r} says nothing: name the module after what it holds")
    return findings
