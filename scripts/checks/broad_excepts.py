"""Keeps `except Exception` out of everything but the last handlers in servicekit."""

import ast
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import Tree, dotted

BROAD: Final = frozenset({"Exception", "BaseException"})
ALLOWED_IN: Final = "packages/servicekit"


def check(tree: Tree) -> list[str]:
    """Return handlers that catch everything."""
    return [
        file.at(node, "catch the error that can happen; only servicekit's last handlers catch all")
        for file in tree.python
        if file.member != ALLOWED_IN
        for node in ast.walk(file.syntax)
        if isinstance(node, ast.ExceptHandler) and any(name in BROAD for name in _caught(node))
    ]


def _caught(handler: ast.ExceptHandler) -> Iterator[str]:
    if handler.type is None:
        yield "BaseException"
    elif isinstance(handler.type, ast.Tuple):
        yield from (dotted(element) for element in handler.type.elts)
    else:
        yield dotted(handler.type)
