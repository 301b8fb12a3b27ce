"""Each check of the security design is shown by tests that exist; `checks.toml` says by which."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
CHECKS: Final[dict[str, dict[str, list[str]]]] = tomllib.loads(
    Path(__file__).with_name("checks.toml").read_text()
)
IDS: Final = [f"S{number:02}" for number in range(1, 76)]
FOLDERS: Final = ("packages", "services", "tests")


@cache
def _tests_of(path: Path) -> frozenset[str]:
    """Return the names of a file's tests: functions in Python, titles in TypeScript."""
    text = path.read_text()
    if path.suffix != ".py":
        return frozenset(re.findall(r'\b(?:it|test)(?:\.each\([^)]*\)\))?\(\s*"([^"]+)"', text))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for one in ast.walk(ast.parse(text)) if isinstance(one, functions))


def _named() -> Iterator[tuple[str, str]]:
    """Yield each test that bears the number of a check, and the number."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            where = path.relative_to(ROOT)
            for name in sorted(_tests_of(path)):
                found = re.match(r"test_s(\d\d)_", name)
                if found:
                    yield f"S{found[1]}", f"{where}::{name}"


def test_every_check_of_the_design_is_there() -> None:
    assert list(CHECKS) == IDS


@pytest.mark.parametrize("check", IDS)
def test_a_check_is_shown_by_tests_that_exist(check: str) -> None:
    listed = CHECKS[check]["tests"]
    assert listed, f"nothing shows {check}"
    for one in listed:
        path, _, name = one.partition("::")
        assert (ROOT / path).is_file(), f"{check}: there is no {path}"
        assert name in _tests_of(ROOT / path), f"{check}: {path} has no test {name!r}"


def test_a_test_that_bears_the_number_of_a_check_is_listed_there() -> None:
    missing = [f"{check}: {test}" for check, test in _named() if test not in CHECKS[check]["tests"]]
    assert missing == [], "add them to checks.toml"
