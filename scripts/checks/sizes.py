"""Refuses what is larger than the last column of the table of sizes; there is no exception list."""

import ast
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import PythonFile, Tree, dotted

MAX_FILE: Final = 400
MAX_TEST_FILE: Final = 600
MAX_FUNCTION: Final = 50
MAX_ROUTE: Final = 20
MAX_TEST_FUNCTION: Final = 60
MAX_POSITIONAL: Final = 4
MAX_STEP_TYPE: Final = 100
MAX_AGENT: Final = 100
MAX_MAKEFILE: Final = 200
MAX_TYPESCRIPT: Final = 300
VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "websocket"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(tree: Tree) -> list[str]:
    """Return what is too large."""
    findings = [finding for file in tree.python for finding in _in_file(file)]
    return findings + list(_agents(tree)) + list(_other_files(tree))


def _in_file(file: PythonFile) -> Iterator[str]:
    limit = MAX_TEST_FILE if file.is_test else MAX_FILE
    if (
        "/steps/" in file.where
        and not file.is_test
        and file.member in ("packages/language", "services/orchestrator")
    ):
        limit = MAX_STEP_TYPE
    if len(file.lines) > limit:
        yield f"{file.where}:1: {len(file.lines)} lines, at most {limit}: move a concern to a file of its own"
    for node in ast.walk(file.syntax):
        if isinstance(node, Function):
            yield from _in_function(file, node)


def _in_function(file: PythonFile, function: Function) -> Iterator[str]:
    limit = MAX_FUNCTION
    if file.is_test:
        limit = MAX_TEST_FUNCTION
    elif any(_is_route(decorator) for decorator in function.decorator_list):
        limit = MAX_ROUTE
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if length > limit:
        yield file.at(
            function, f"{function.name!r} has {length} lines, at most {limit}: give its parts names"
        )
    positional = [*function.args.posonlyargs, *function.args.args]
    own = [argument for argument in positional if argument.arg not in ("self", "cls")]
    if len(own) > MAX_POSITIONAL:
        yield file.at(
            function,
            f"{function.name!r} takes {len(own)} positional parameters, at most {MAX_POSITIONAL}: use *",
        )


def _is_route(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    owner, _, verb = dotted(decorator.func).rpartition(".")
    return verb in VERBS and owner.split(".")[-1].lower().endswith(("router", "app", "api"))


def _agents(tree: Tree) -> Iterator[str]:
    for name in tree.folders("services"):
        if name.startswith("agent-"):
            folder = f"services/{name}/src/{name.replace('-', '_')}"
            files = [tree.text(f"{folder}/{part}") for part in ("main.py", "agent.yaml")]
            length = sum(len(text.splitlines()) for text in files)
            if length > MAX_AGENT:
                yield f"{folder}: agent of {length} lines, at most {MAX_AGENT}: extend agentkit"


def _other_files(tree: Tree) -> Iterator[str]:
    length = len(tree.text("Makefile").splitlines())
    if length > MAX_MAKEFILE:
        yield f"Makefile:1: {length} lines, at most {MAX_MAKEFILE}: move code to scripts/"
    for path in tree.files:
        if path.suffix in (".ts", ".tsx") and path.name != "generated.ts":
            length = len(path.read_text(encoding="utf-8").splitlines())
            if length > MAX_TYPESCRIPT:
                yield f"{tree.where(path)}:1: {length} lines, at most {MAX_TYPESCRIPT}"
