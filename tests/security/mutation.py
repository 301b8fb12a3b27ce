"""Mutants of a module: each differs in one place of one function and runs in a copy of its names."""

import ast
import copy
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

Names = types.SimpleNamespace
"""What a module offers, as attributes."""

Oracle = Callable[[Any], None]
"""Fails when a module does not do what it must."""

_SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module."""

    what: str
    names: Names | None


def as_it_is(module: types.ModuleType) -> Names:
    """Return what a module offers, unchanged."""
    return Names(**vars(module))


def mutants(module: types.ModuleType, *, only_in: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """Yield each mutant, of all definitions or some; texts of errors, docstrings and constants stay."""
    source = Path(str(module.__file__)).read_text()
    tree = ast.parse(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for place, definition in enumerate(tree.body):
        if isinstance(definition, kinds) and (not only_in or definition.name in only_in):
            for number, _ in enumerate(_changes(definition)):
                changed = copy.deepcopy(tree)
                what, change = list(_changes(changed.body[place]))[number]
                change()
                # Constants and counters of the module are there once; only what is defined is made again.
                changed.body = [one for one in changed.body if isinstance(one, kinds)]
                program = compile(
                    ast.fix_missing_locations(changed), f"<mutant of {module.__name__}>", "exec"
                )
                yield Mutant(f"{module.__name__}:{what}", _executed(program, dict(vars(module))))


def _executed(program: types.CodeType, names: dict[str, Any]) -> Names | None:
    """Return what a mutant offers; None when already its definitions cannot be made."""
    try:
        exec(program, names)
    except (TypeError, ValueError, NameError, AttributeError, SchemaError, PydanticUserError):
        return None
    return Names(**names)


Change = tuple[str, Callable[[], None]]


def _changes(definition: ast.stmt) -> list[Change]:
    found = [change for node in _code(definition) for change in _of(node)]
    return found + [change for node in ast.walk(definition) for change in _refusals(node)]


def _refusals(node: ast.AST) -> Iterator[Change]:
    """Yield each refusal as left out."""
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        for number, statement in enumerate(block if isinstance(block, list) else []):
            if isinstance(statement, ast.Raise):
                yield (
                    f"{statement.lineno}: {ast.unparse(statement)[:60]} is left out",
                    lambda block=block, number=number: block.__setitem__(number, ast.Pass()),  # type: ignore[misc]  # bound now
                )


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through what is executed and not only said: no docstrings, annotations, texts of errors."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "keywords_of_class"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_said(child):
                continue
            yield child
            if not isinstance(child, ast.Raise | ast.JoinedStr):
                yield from _code(child)


def _is_said(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _of(node: ast.AST) -> Iterator[Change]:
    said = ast.unparse(node)[:60] if isinstance(node, ast.expr | ast.stmt) else ""
    where = f"{getattr(node, 'lineno', 0)}: {said}"
    if isinstance(node, ast.Compare):
        for number, operator in enumerate(node.ops):
            if type(operator) in _SWAPPED:
                other = _SWAPPED[type(operator)]()
                yield f"{where} compares otherwise", lambda n=number, o=other: node.ops.__setitem__(n, o)  # type: ignore[misc]  # bound now
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in _SWAPPED:
        yield f"{where} joins otherwise", lambda: setattr(node, "op", _SWAPPED[type(node.op)]())
    elif isinstance(node, ast.If | ast.IfExp):
        yield f"{where} turned round", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield f"{where} gives nothing", lambda: setattr(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node, where)
    elif isinstance(node, ast.Name) and node.id in ("any", "all"):
        yield f"{where} is the other", lambda: setattr(node, "id", "all" if node.id == "any" else "any")


def _of_constant(node: ast.Constant, where: str) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield f"{where} is the other", lambda: setattr(node, "value", not node.value)
    elif isinstance(node.value, int):
        yield f"{where} is one more", lambda: setattr(node, "value", node.value + 1)  # type: ignore[operator]  # a number
    elif isinstance(node.value, str) and node.value:
        yield f"{where} is another text", lambda: setattr(node, "value", node.value + "~")  # type: ignore[operator]  # a text
