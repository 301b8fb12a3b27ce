"""Commands that documents tell people to type: `flowloom` takes them, and what needs no platform runs."""

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
import typer
import typer.main

from flowloom_cli.app import app

ROOT: Final = Path(__file__).resolve().parents[2]
LEFT_OUT: Final = frozenset({".git", ".venv", "node_modules", "dist", ".flowloom", "results"})
BLOCK: Final = re.compile(r"^\s*```(?:sh|bash|console|shell)?\n(.*?)^\s*```", re.DOTALL | re.MULTILINE)
INLINE: Final = re.compile(r"`((?:\.venv/bin/)?(?:flowloom|python -m) [^`\n]+)`")
BEFORE: Final = re.compile(r"^(?:\$ )?(?:[A-Z_][A-Z0-9_]*=\S* )*(?:nohup |sudo )?(?:\S*/bin/)?")
AFTER: Final = re.compile(r"\s(?:[|&;<>]|2>|#).*$")
A_FORM: Final = re.compile(r"[\[\]…·{}]|\.\.\.")
"""Such a word describes commands instead of being one."""

OFFLINE: Final = ("validate", "test")
COMMAND: Final = typer.main.get_command(app)
WRONG_USAGE: Final[type[Exception]] = typer.BadParameter.__mro__[1]
"""Of the copy of click that typer brings, where it has no public name."""


def typed() -> Iterator[tuple[str, str]]:
    """Give each command with its document, without prompt, environment and what is done with its output."""
    for path in sorted(ROOT.rglob("*.md")):
        where = path.relative_to(ROOT)
        if LEFT_OUT & set(where.parts) or where.name == "CHANGELOG.md":
            continue
        text = path.read_text()
        lines = [line for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
        for line in (*lines, *INLINE.findall(text)):
            command = AFTER.sub("", BEFORE.sub("", line.strip())).strip()
            if command.startswith(("flowloom ", "python -m ")) and not A_FORM.search(command):
                yield where.as_posix(), command


FOUND: Final = sorted(set(typed()))
OF_FLOWLOOM: Final = [one for one in FOUND if one[1].startswith("flowloom ")]
OF_PYTHON: Final = [one for one in FOUND if one[1].startswith("python -m ")]


def test_documents_have_commands() -> None:
    assert len(OF_FLOWLOOM) > 15
    assert {"up", "run", "backup", "restore", "eval", "memory"} <= {
        line.split()[1] for _, line in OF_FLOWLOOM
    }


def refusal(line: str) -> str | None:
    """Return what the command line says against a command, None if it would begin."""
    command, words = COMMAND, shlex.split(line)[1:]
    while words and (inside := getattr(command, "commands", None)) is not None:
        if words[0] not in inside:
            return f"no command {words[0]!r}"
        command, words = inside[words[0]], words[1:]
    try:
        command.make_context(line, list(words)).close()
    except WRONG_USAGE as error:
        # A command in a sentence may be named alone, without what it needs.
        is_named = not words and type(error).__name__ in ("MissingParameter", "NoArgsIsHelpError")
        return None if is_named else str(error) or type(error).__name__
    return None


@pytest.mark.parametrize(("where", "line"), OF_FLOWLOOM, ids=lambda value: value)
def test_flowloom_takes_it_as_it_stands(where: str, line: str) -> None:
    assert refusal(line) is None, where


@pytest.mark.parametrize(
    "line", ["flowloom ru", "flowloom run x --nonsense", "flowloom backup /a /b", "flowloom memory tun x"]
)
def test_a_slip_would_be_found(line: str) -> None:
    assert refusal(line) is not None


@pytest.mark.parametrize(("where", "line"), OF_PYTHON, ids=lambda value: value)
def test_a_module_that_is_started_is_there(where: str, line: str) -> None:
    name = shlex.split(line)[2]
    found = None
    with contextlib.suppress(ModuleNotFoundError):
        found = find_spec(name)
    assert found is not None, f"{where}: {line}"


def _runnable() -> Iterator[str]:
    for _, line in OF_FLOWLOOM:
        words = shlex.split(line)
        files = [word for word in words[2:] if not word.startswith("-")]
        if words[1] in OFFLINE and files and all(list(ROOT.glob(name)) for name in files):
            yield line


@pytest.mark.parametrize("line", sorted(set(_runnable())))
def test_what_needs_no_platform_runs(line: str, tmp_path: Path) -> None:
    words = shlex.split(line)[1:]
    given = [str(found) for word in words for found in (sorted(ROOT.glob(word)) if "/" in word else [word])]
    env = {**os.environ, "FLOWLOOM_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "flowloom_cli.main", *given]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]


def test_something_needs_no_platform() -> None:
    assert set(_runnable())
