"""Guards the replay rules of the durable driver: no clock, no chance, no input or output, no made-up ids."""

import ast
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import PythonFile, Tree, called_name, imports

DRIVER: Final = "services/orchestrator/src/orchestrator/workflow.py"
# Whatever is not here could look at the world; a driver needs little.
MAY_IMPORT: Final = (
    "collections.abc.",
    "dataclasses.",
    "datetime.datetime",  # as a type; asking it for the time is refused below
    "datetime.timedelta",
    "typing.",
    "flowloom_contracts.",
    "flowloom_servicekit.dapr.replay.",
    "orchestrator.domain.",
)
NEVER_CALLED: Final = frozenset(
    {"open", "print", "input", "id", "hash", "globals", "eval", "exec", "__import__"}
)
NEVER_NAMED: Final = ("now", "utcnow", "today", "random", "uuid4", "uuid7", "new_id")


def check(tree: Tree) -> list[str]:
    """Return what could make a replay take another path."""
    return [finding for file in tree.python if file.where == DRIVER for finding in _in_file(file)]


def _in_file(file: PythonFile) -> Iterator[str]:
    for statement, name in imports(file.syntax):
        if not name.startswith(MAY_IMPORT):
            yield file.at(statement, f"{name!r} has no place in a replayed function: move it to an activity")
    for node in ast.walk(file.syntax):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield file.at(node, "a driver is a plain generator")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield file.at(node, "a driver keeps nothing between replays")
        elif isinstance(node, ast.Set | ast.SetComp):
            yield file.at(node, "the order of a set changes between processes: use a tuple or a dict")
        elif isinstance(node, ast.Call):
            name = called_name(node)
            if name in NEVER_CALLED or name.split(".")[-1] in NEVER_NAMED:
                yield file.at(node, f"{name}() gives another answer at replay: move it to an activity")
