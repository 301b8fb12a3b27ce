"""Judges a program by its text alone: syntax, imports outside the allow list, what the interpreter lacks.

Pure, and only the standard library: validation may call it as well as the worker. It parses on the
stack of its caller: an ordinary one (8 MiB) is enough.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

ALLOWED_MODULES: Final = frozenset(
    {"base64", "binascii", "bisect", "collections", "copy", "csv", "dataclasses", "datetime", "decimal"}
    | {"functools", "hashlib", "itertools", "json", "math", "re", "tomllib", "typing", "unicodedata"}
)
"""All that a program may import: computing only, no clock, no chance, no files."""

MAX_SOURCE_CHARS: Final = 64 * 1024
RESULT: Final = "_flowloom_result"
"""The name that takes the value of the last expression."""

FORBIDDEN_NAMES: Final = frozenset({"eval", "exec", "compile", "__import__", RESULT})
UNSUPPORTED: Final[dict[str, str]] = {
    "Delete": "the `del` statement",
    "Yield": "`yield`",
    "YieldFrom": "`yield from`",
    "TryStar": "`except*`",
    "AsyncWith": "`async with`",
    "TypeAlias": "the `type` statement",
}

Reason = Literal["syntax", "import", "unsupported"]


@dataclass(frozen=True)
class CodeProblem:
    """One thing that is wrong with a program; lines and columns count from 1, columns in characters."""

    line: int
    column: int
    message: str
    reason: Reason = "syntax"


@dataclass(frozen=True)
class Program:
    """A program whose text is in order, as the interpreter gets it."""

    text: str
    has_value: bool
    value_line: int = 0
    value_column: int = 0

    def column_in_source(self, line: int, column: int) -> int:
        """Return the writer's column for a column of `text`."""
        if line == self.value_line and column > self.value_column:
            return max(self.value_column, column - len(RESULT) - 1)
        return column


def check_source(source: str) -> list[CodeProblem]:
    """Return everything that is wrong with the text of a program, in order of place."""
    parsed = _parse(source)
    return [parsed] if isinstance(parsed, CodeProblem) else _problems(parsed, source)


def prepare(source: str) -> Program | list[CodeProblem]:
    """Return the program whose last expression has a name, or what is wrong with it."""
    parsed = _parse(source)
    if isinstance(parsed, CodeProblem):
        return [parsed]
    if problems := _problems(parsed, source):
        return problems
    text = _normal(source)
    last = parsed.body[-1] if parsed.body else None
    if not isinstance(last, ast.Expr):
        return Program(text, has_value=False)
    lines = text.encode().split(b"\n")
    line = lines[last.lineno - 1]
    before = line[: last.col_offset]
    lines[last.lineno - 1] = before + RESULT.encode() + b"=" + line[last.col_offset :]
    return Program(
        b"\n".join(lines).decode(),
        has_value=True,
        value_line=last.lineno,
        value_column=len(before.decode()) + 1,
    )


def _normal(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")


def _parse(source: str) -> ast.Module | CodeProblem:
    if len(source) > MAX_SOURCE_CHARS:
        message = f"The program has {len(source):,} characters; {MAX_SOURCE_CHARS:,} are allowed."
        return CodeProblem(1, 1, message)
    try:
        return ast.parse(_normal(source), "<code>")
    except SyntaxError as error:
        message = str(error.msg)
        return CodeProblem(error.lineno or 1, error.offset or 1, message[:1].upper() + message[1:] + ".")
    except UnicodeEncodeError:
        return CodeProblem(1, 1, "The program holds half of a surrogate pair: write the character itself.")
    except (RecursionError, MemoryError):
        return CodeProblem(1, 1, "The program is nested too deeply: name parts of it.")
    except ValueError as error:
        return CodeProblem(1, 1, f"The program cannot be read: {error}.")


def _problems(module: ast.Module, source: str) -> list[CodeProblem]:
    lines = _normal(source).encode().split(b"\n")
    found = []
    for node in ast.walk(module):
        for reason, message in _faults(node):
            line = getattr(node, "lineno", 1)
            before = lines[line - 1][: getattr(node, "col_offset", 0)]
            found.append(CodeProblem(line, len(before.decode(errors="ignore")) + 1, message, reason))
    return sorted(found, key=lambda problem: (problem.line, problem.column))


def _faults(node: ast.AST) -> Iterator[tuple[Reason, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _import_faults(alias.name)
    elif isinstance(node, ast.ImportFrom):
        yield from _import_from_faults(node)
    elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
        yield "import", f"{node.id!r} cannot be used in a code step: write the program itself."
    elif isinstance(node, ast.ClassDef):
        yield from _class_faults(node)
    elif type(node).__name__ in UNSUPPORTED:
        yield "unsupported", f"A code step does not support {UNSUPPORTED[type(node).__name__]}."


def _import_from_faults(node: ast.ImportFrom) -> Iterator[tuple[Reason, str]]:
    if node.level:
        yield "import", "A code step has no package: relative imports lead nowhere."
        return
    yield from _import_faults(node.module or "")
    if any(alias.name == "*" for alias in node.names):
        yield "unsupported", "A code step does not support `import *`: name what it imports."


def _import_faults(name: str) -> Iterator[tuple[Reason, str]]:
    if name in ALLOWED_MODULES:
        return
    known = " (part of Python, but not offered here)" if name.split(".")[0] in sys.stdlib_module_names else ""
    allowed = ", ".join(sorted(ALLOWED_MODULES))
    yield "import", f"A code step cannot import {name[:100]!r}{known}. It may import {allowed}."


def _class_faults(node: ast.ClassDef) -> Iterator[tuple[Reason, str]]:
    if node.bases or node.keywords:
        yield "unsupported", f"A code step does not support base classes: class {node.name!r} has one."
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.decorator_list:
            yield "unsupported", f"A code step does not support decorated methods: {method.name!r} is one."
