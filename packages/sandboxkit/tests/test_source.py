"""What can be said about a program without running it, and that the interpreter agrees."""

import threading

import pydantic_monty
import pytest

from flowloom_sandboxkit.source import ALLOWED_MODULES, CodeProblem, Program, check_source, prepare


@pytest.mark.parametrize(
    "source",
    [
        "",
        "1 + 1",
        "import json, math\nfrom datetime import date\njson.dumps(math.pi)",
        "class Point:\n    def __init__(self, x):\n        self.x = x\n\nPoint(1).x",
        "async def f():\n    return 1\nawait f()",
        "match x:\n    case 1:\n        2",
    ],
)
def test_finds_nothing_wrong_with_a_good_program(source: str) -> None:
    assert check_source(source) == []


@pytest.mark.parametrize(
    ("source", "line", "column", "reason", "text"),
    [
        ("x = (", 1, 5, "syntax", "never closed"),
        ("if 1\n  2", 1, 5, "syntax", "Expected ':'"),
        ("x\0y", 1, 1, "syntax", "null bytes"),
        ("'\ud800'", 1, 1, "syntax", "surrogate"),
        ("import os", 1, 1, "import", "cannot import 'os' (part of Python, but not offered here)"),
        ("import numpy as np", 1, 1, "import", "cannot import 'numpy'. It may import base64"),
        ("'é'; import os.path", 1, 6, "import", "'os.path'"),
        ("def f():\n    from time import sleep", 2, 5, "import", "'time'"),
        ("from . import x", 1, 1, "import", "relative imports lead nowhere"),
        ("from math import *", 1, 1, "unsupported", "name what it imports"),
        ("f(eval)", 1, 3, "import", "'eval' cannot be used"),
        ("def f():\n    yield 1", 2, 5, "unsupported", "`yield`"),
        ("class A(B):\n    pass", 1, 1, "unsupported", "base classes: class 'A'"),
    ],
)
def test_finds_the_place_of_a_problem(source: str, line: int, column: int, reason: str, *, text: str) -> None:
    (problem,) = check_source(source)
    assert (problem.line, problem.column, problem.reason) == (line, column, reason)
    assert text in problem.message


def test_finds_all_problems_in_order() -> None:
    problems = check_source("import os\nx = 1\ndel x\nimport sys, json, socket\n")
    assert [(problem.line, problem.reason) for problem in problems] == [
        (1, "import"),
        (3, "unsupported"),
        (4, "import"),
        (4, "import"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 60_000,
        "-" * 60_000 + "1",
        "not " * 16_000 + "1",
        "a" + ".b" * 30_000,
        "a" + "()" * 30_000,
        "1" + "+1" * 30_000,
        "lambda:" * 9_000 + "1",
        "1 if 1 else " * 5_000 + "1",
        "[" * 5_000 + "]" * 5_000,
        "if 1: pass\n" + "elif 1: pass\n" * 4_000,
        "".join(" " * level + "if 1:\n" for level in range(150)) + " " * 150 + "1",
        "9" * 60_000,
        "x" * 70_000,
    ],
    ids=lambda source: source[:8],
)
def test_survives_text_that_is_built_to_break_parsers(source: str) -> None:
    found: list[list[CodeProblem]] = []
    asking = threading.Thread(target=lambda: found.append(check_source(source)))
    asking.start()
    asking.join(timeout=60)
    assert len(found[0]) == 1


def test_the_value_gets_a_name_and_columns_stay_those_of_the_writer() -> None:
    program = prepare("'é'; f(1,\n  2)")
    assert isinstance(program, Program)
    assert program.text == "'é'; _flowloom_result=f(1,\n  2)"
    assert program.column_in_source(1, 23) == 6
    assert program.column_in_source(1, 25) == 8
    assert program.column_in_source(1, 2) == 2
    assert program.column_in_source(2, 25) == 25


@pytest.mark.parametrize("module", sorted(ALLOWED_MODULES))
def test_the_interpreter_has_every_allowed_module(module: str) -> None:
    with pydantic_monty.Monty(max_processes=1) as pool, pool.checkout() as session:
        session.feed_run(f"import {module}")


@pytest.mark.parametrize(
    "source",
    [
        "x = [1]\ndel x[0]",
        "def f():\n    yield 1",
        "def f():\n    yield from []",
        "try:\n    1\nexcept* ValueError:\n    2",
        "async def f():\n    async with x:\n        1",
        "class A(str):\n    pass",
        "class A:\n    @staticmethod\n    def f():\n        pass",
        "from math import *",
    ],
)
def test_what_is_called_unsupported_is_not_in_the_interpreter(source: str) -> None:
    """A new version that learns one of these deserves to be let do it."""
    (problem,) = check_source(source)
    assert problem.reason == "unsupported"
    refusal = pytest.raises(pydantic_monty.MontyRuntimeError, match=r"not (yet )?support")
    with pydantic_monty.Monty(max_processes=1) as pool, pool.checkout() as session, refusal:
        session.feed_run(source)
