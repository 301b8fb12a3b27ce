"""S24: SQL is made of our own words alone, and what people search for stays a value."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from scripts.checks.tree import ROOT, PythonFile, Tree

MAKERS: Final = {"text", "Statement", "literal_column", "exec_driver_sql"}
SENDERS: Final = {"execute", "scalar", "scalars", "fetch", "fetchval", "fetchrow", "stream"}
FILLERS: Final = {"_filled"}
BUILDERS: Final = {"page_statement"}
"""They choose among texts of ours by what is asked; what is asked becomes parameters."""
SERVICES: Final = [
    file
    for file in Tree().python
    if file.is_production
    and file.where.startswith(("services/", "packages/servicekit/"))
    and "/migrations/" not in file.where
]


class Statements:
    """Judges the statements of one file: each is a text of ours, or made of nothing but such texts."""

    def __init__(self, file: PythonFile) -> None:
        self._file = file
        self._parents = {
            child: parent for parent in ast.walk(file.syntax) for child in ast.iter_child_nodes(parent)
        }

    def foreign(self) -> Iterator[str]:
        """Return where something else goes into a statement."""
        for node in ast.walk(self._file.syntax):
            if not (isinstance(node, ast.Call) and node.args and self._is_sql(node)):
                continue
            if not self._is_ours(node.args[0], node):
                yield self._file.at(node, ast.unparse(node.args[0])[:120])

    def _is_sql(self, call: ast.Call) -> bool:
        name = ast.unparse(call.func).rpartition(".")[2]
        is_maker = name in MAKERS and (isinstance(call.func, ast.Name) or name != "text")
        return is_maker or (name in SENDERS and isinstance(call.args[0], ast.JoinedStr | ast.BinOp))

    def _is_ours(self, node: ast.expr, where: ast.AST) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            return all(self._is_ours(part, where) for part in parts)
        if isinstance(node, ast.BinOp | ast.IfExp):
            sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.body, node.orelse)
            return all(self._is_ours(side, where) for side in sides)
        if isinstance(node, ast.Attribute | ast.Subscript):
            owner = node.attr if isinstance(node, ast.Attribute) else ast.unparse(node.value)
            return owner.lstrip("_").isupper()
        return (
            self._is_our_name(node, where) if isinstance(node, ast.Name) else self._is_our_call(node, where)
        )

    def _is_our_name(self, name: ast.Name, where: ast.AST) -> bool:
        if name.id.lstrip("_").isupper():
            return True
        function = self._function(where)
        given = [
            one.value
            for one in ast.walk(function)
            if isinstance(one, ast.Assign) and any(ast.unparse(target) == name.id for target in one.targets)
        ]
        return bool(given) and all(self._is_ours(value, where) for value in given)

    def _is_our_call(self, node: ast.expr, where: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        name = ast.unparse(node.func).rpartition(".")[2]
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name in BUILDERS | {"int"}:
            return True
        if name == "join" and isinstance(given[0], ast.GeneratorExp):
            return self._is_ours(given[0].elt, where)
        if name == "str":
            return self._is_ours(given[0], where)
        if name in ("replace", "format") and isinstance(node.func, ast.Attribute):
            return all(self._is_ours(one, where) for one in [node.func.value, *given])
        return name in FILLERS and all(self._is_ours(one, where) or _is_id(one) for one in given)

    def _function(self, node: ast.AST) -> ast.AST:
        while node in self._parents and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node = self._parents[node]
        return node


def _is_id(node: ast.expr) -> bool:
    """The filler makes a number of it."""
    return isinstance(node, ast.Attribute) and node.attr == "id"


def test_s24_statements_are_made_of_our_own_words() -> None:
    assert len(SERVICES) > 150
    found = [one for file in SERVICES for one in Statements(file).foreign()]
    assert found == [], "give it as a parameter"


@pytest.mark.parametrize(
    "line",
    [
        'text(f"SELECT * FROM runs WHERE name = {name!r}")',
        'text("SELECT * FROM runs ORDER BY " + order)',
        "text(statement)",
        'session.execute(f"SELECT {request.text}")',
        'connection.fetch("SELECT 1 FROM runs WHERE id = " + run_id)',
        'text("SELECT * FROM runs WHERE name = %s".format(name))',
        'text(QUERY.replace("{order}", order))',
        'Statement(f"SELECT {column} FROM runs")',
    ],
)
def test_s24_would_find(line: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"async def page(name, order, statement, request, run_id, column):\n    await {line}\n")
    assert list(Statements(PythonFile(path=path, where="services/x/src/x/a.py")).foreign())


def test_s24_the_fillers_of_statements_take_numbers_and_our_own_words() -> None:
    for file in SERVICES:
        for node in ast.walk(file.syntax):
            is_filler = isinstance(node, ast.FunctionDef) and node.name in FILLERS
            if is_filler and ast.unparse(node.returns or ast.Constant("")) == "str":
                assert "replace(" in ast.unparse(node), file.where
                assert isinstance(node, ast.FunctionDef)
                for parameter in node.args.args[1:]:
                    assert ast.unparse(parameter.annotation or ast.Constant("")) == "int", file.where


@pytest.mark.timeout(300)
def test_s24_bandit_finds_no_statement_that_it_is_sure_of() -> None:
    """B608 guesses by the look of a text: unsure, it names every statement of ours that has parts."""
    folders = [str(path) for path in sorted((ROOT / "services").glob("*/src"))]
    command = [sys.executable, "-m", "bandit", "-q", "-t", "B608", "-ii", "-f", "json", "-r", *folders]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    report = json.loads(answer.stdout)
    assert report["errors"] == []
    found = [(one["filename"], one["line_number"]) for one in report["results"]]
    assert found == []
