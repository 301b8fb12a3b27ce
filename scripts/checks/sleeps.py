"""Keeps sleeping out of the tests: they wait for a condition, with a limit."""

import ast
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import Tree, called_name

SLEEPS: Final = frozenset({"time.sleep", "asyncio.sleep", "anyio.sleep", "sleep"})


def check(tree: Tree) -> list[str]:
    """Return calls that sleep; `asyncio.sleep(0)` only lets others run, and a `wait_until` has its limit."""
    return [
        file.at(call, "use wait_until(condition, timeout_s) or a FakeClock instead of sleeping")
        for file in tree.python
        if file.is_test
        for call in _sleeping(file.syntax)
    ]


def _sleeping(node: ast.AST) -> Iterator[ast.Call]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("wait_until"):
        return
    if isinstance(node, ast.Call) and called_name(node) in SLEEPS and not _yields_only(node):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _sleeping(child)


def _yields_only(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
