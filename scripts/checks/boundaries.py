"""Keeps untyped bags from crossing a function's boundary in production code."""

import ast
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import PythonFile, Tree, dotted

BAG_TYPES: Final = frozenset({"dict", "Mapping", "MutableMapping", "list", "Sequence", "tuple"})
ANY: Final = frozenset({"Any", "typing.Any"})
# Pydantic's own hook says what its schema is made of.
HOOKS: Final = frozenset(
    {"__get_pydantic_core_schema__", "__get_pydantic_json_schema__", "__exit__", "__aexit__"}
)


def check(tree: Tree) -> list[str]:
    """Return signatures with `Any` or a bag of it, unless the line gives a reason in a comment."""
    return [finding for file in tree.python if file.is_production for finding in _in_file(file)]


def _in_file(file: PythonFile) -> Iterator[str]:
    for node in ast.walk(file.syntax):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name in HOOKS:
            continue
        for annotation in _annotations(node):
            reasoned = "#" in file.lines[annotation.end_lineno - 1] if annotation.end_lineno else False
            if _is_bag(annotation) and not reasoned:
                yield file.at(
                    annotation,
                    f"{node.name!r} passes {ast.unparse(annotation)}: use a contract, JsonObject or a type",
                )


def _annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if argument.annotation is not None:
            yield argument.annotation
    if function.returns is not None:
        yield function.returns


def _is_bag(annotation: ast.expr) -> bool:
    if dotted(annotation) in ANY:
        return True
    if isinstance(annotation, ast.BinOp):
        return _is_bag(annotation.left) or _is_bag(annotation.right)
    if isinstance(annotation, ast.Subscript) and dotted(annotation.value).split(".")[-1] in BAG_TYPES:
        inside = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        return any(_is_bag(part) for part in inside)
    return False
