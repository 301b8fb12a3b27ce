"""What documents tell people to type does what they say: one home from its first start to a restore."""

import asyncio
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from flowloom_servicekit.testing.postgres import free_port
from tests.contract.test_typed_commands import COMMAND, OF_FLOWLOOM, WRONG_USAGE
from tests.integration.shell import Told, execute
from tests.integration.stack import ROOT
from tests.integration.waiting import until

PORT_BASE: Final = 24_800
LIMIT_S: Final = 240
STORY: Final = (
    "up --detach",
    "status",
    "doctor",
    "clients list",
    "validate",
    "test",
    "run",
    "backup-key",
    "backup",
    "down",
    "restore",
    "up --detach",
    "status",
    "down",
)
"""As somebody would type them, one after the other; of each all that documents say."""

ELSEWHERE: Final = {
    "flowloom up": "`up --detach` without leaving the terminal",
    "flowloom up --stores": "tests/integration/test_run_file.py",
    "flowloom memory tune COLLECTION --picture tune.svg": "it needs a collection of its own",
    "flowloom login": "it asks in a terminal: packages/cli/tests",
    "flowloom backup DIR": "the same with a folder of one's own",
}
YAML: Final = re.compile(r"^ *```yaml\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def _begins(line: str) -> bool:
    """Whether it is a whole command: one in a sentence may be named without what it needs."""
    command, words = COMMAND, shlex.split(line)[1:]
    while words and (inside := getattr(command, "commands", None)) is not None:
        command, words = inside[words[0]], words[1:]
    try:
        command.make_context(line, list(words)).close()
    except WRONG_USAGE:
        return False
    return getattr(command, "commands", None) is None


LINES: Final = sorted({line for _, line in OF_FLOWLOOM if _begins(line) and line not in ELSEWHERE})


def _lines_of(chapter: str) -> Sequence[str]:
    return [line for line in LINES if f"{line} ".startswith(f"flowloom {chapter} ")]


def test_every_whole_command_has_its_place() -> None:
    told = {line for chapter in STORY for line in _lines_of(chapter)}
    assert set(LINES) - told == set(), "put it into the story, or say where else it runs"
    assert set(ELSEWHERE) <= {line for _, line in OF_FLOWLOOM}


@asynccontextmanager
async def _model(port: int) -> AsyncIterator[None]:
    command = (sys.executable, "-m", "benchmarks.mock_llm", "--port", str(port), "--mode", "step")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)

    async def is_up() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"http://127.0.0.1:{port}/health")).is_success
        except httpx.TransportError:
            return False

    try:
        await until(is_up, within_s=30, what="the model")
        yield
    finally:
        process.terminate()
        await process.wait()


class _Desk:
    """A folder as the guides describe it, and a home of its own."""

    def __init__(self, folder: Path, model_port: int) -> None:
        self._folder = folder
        self.env = {
            "FLOWLOOM_HOME": str(folder / "home"),
            "FLOWLOOM_PORT_BASE": str(PORT_BASE),
            "FLOWLOOM_PORT": str(PORT_BASE + 20),
            "FLOWLOOM_MODEL_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
            "FLOWLOOM_MODEL_NAME": "mock",
            "FLOWLOOM_MODEL_CONTEXT_TOKENS": "8192",
        }
        (folder / "examples").symlink_to(ROOT / "examples")
        hello, cases = YAML.findall((ROOT / "docs" / "guides" / "write-a-workflow.md").read_text())[:2]
        (folder / "hello.yaml").write_text(_dedented(hello))
        (folder / "hello.tests.yaml").write_text(_dedented(cases))
        (folder / "safe" / "place").mkdir(parents=True)

    async def type(self, line: str) -> Told:
        """Type it; absolute paths lie in the folder, and stars stand for what is there, as in a shell."""
        words = [word for written in shlex.split(line)[1:] for word in self._meant(written)]
        program = str(Path(sys.executable).with_name("flowloom"))
        return await execute(program, *words, env=self.env, limit_s=LIMIT_S, cwd=self._folder)

    def _meant(self, word: str) -> Sequence[str]:
        if "*" in word:
            return [str(path.relative_to(self._folder)) for path in sorted(self._folder.glob(word))]
        return [f"{self._folder}{word}" if word.startswith("/") else word]


def _dedented(text: str) -> str:
    lines = text.splitlines(keepends=True)
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "".join(line[margin:] for line in lines)


@pytest.mark.timeout(1_200)
async def test_documented_commands_carry_a_home_from_its_first_start_to_a_restore(tmp_path: Path) -> None:
    port = free_port()
    desk, typed = _Desk(tmp_path, port), set[str]()
    async with _model(port):
        try:
            for chapter in STORY:
                for line in _lines_of(chapter):
                    told = await desk.type(line)
                    assert told.code == 0, f"{line}\n{told.out[-3000:]}\n{told.err[-3000:]}"
                    typed.add(line)
        finally:
            await desk.type("flowloom down")
            shutil.rmtree(tmp_path / "home", ignore_errors=True)
    assert typed == set(LINES)
