"""Workers that break the protocol: each is noticed, killed and replaced, and nobody else suffers."""

import asyncio
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from flowloom_sandboxkit.errors import CodeError, CodeResultError, CodeTimeoutError, SandboxUnavailableError
from flowloom_sandboxkit.isolation import Isolation
from flowloom_sandboxkit.layout import Command
from flowloom_sandboxkit.runner import CodeRunner, StarterFactory
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.tasks import CodeTask
from flowloom_sandboxkit.worker import Worker, WorkerError

SPEAK = """
import json, os, struct, sys
def say(body):
    data = struct.pack(">I", len(body)) + body
    while data:
        data = data[os.write(1, data):]
def hear():
    length = struct.unpack(">I", sys.stdin.buffer.read(4))[0]
    return sys.stdin.buffer.read(length)
def reply(question, value=b"42", **changes):
    say(json.dumps({"id": question["id"], "outcome": "value", "message": "", "line": None, "column": None,
                    "printed": "", "spent": False, **changes}).encode())
    say(value)
say(b'{"ready": true, "monty": "1", "seccomp": false, "landlock": false}')
while True:
    question, inputs = json.loads(hear()), hear()
    SAYS
"""
GOOD = "reply(question)"

BREACHES = {
    "rubbish": "os.write(1, b'\\xff' * 64)",
    "text": "os.write(1, b'Traceback (most recent call last)')",
    "no json": "say(b'{'); say(b'')",
    "no object": "say(b'[]'); say(b'')",
    "another question's answer": "reply(question, id='0')",
    "an outcome nobody knows": "reply(question, outcome='escaped')",
    "a line that is no number": "reply(question, line='1')",
    "nothing but nesting": "say(b'[' * 500000); say(b'')",
    "too long a header": "os.write(1, struct.pack('>I', 2**31))",
    "too long a value": "reply(question, b'1' * 20000)",
}
DEATHS = {
    "half an answer, then death": "os.write(1, struct.pack('>I', 100) + b'{'); os._exit(1)",
    "death": "os._exit(3)",
    "death by a signal": "os.kill(os.getpid(), 11)",
}


class ScriptedStarter:
    """Starts plain processes that follow a script; the first `broken` of them do what `says` has."""

    def __init__(self, says: str, folder: Path, *, broken: int) -> None:
        self.isolation = Isolation("process", "scripted")
        self.started = 0
        self.a_start = asyncio.Event()
        self.pids: list[int] = []
        self._says, self._folder, self._broken = says, folder, broken

    async def start_worker(self) -> Worker:
        self.started += 1
        says = self._says if self.started <= self._broken else GOOD
        script = SPEAK.replace("SAYS", says)
        worker, _ = await Worker.start(Command((sys.executable, "-c", script), self._folder), timeout_s=60)
        self.pids.append(worker.pid)
        self.a_start.set()
        return worker

    def close(self) -> None:
        """Hold nothing."""


def settings(**changes: object) -> SandboxSettings:
    return SandboxSettings.model_validate({"workers": 1, "max_result_bytes": 10_000, **changes})


def giving(starter: ScriptedStarter) -> StarterFactory:
    async def find(_settings: SandboxSettings) -> ScriptedStarter:
        return starter

    return find


@pytest.mark.parametrize("says", BREACHES.values(), ids=BREACHES)
async def test_replaces_a_worker_that_breaks_the_protocol(says: str, tmp_path: Path) -> None:
    starter = ScriptedStarter(says, tmp_path, broken=1)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        with pytest.raises(CodeError, match="broke the sandbox"):
            await runner.run(CodeTask("1"))
        assert (await runner.run(CodeTask("1"))).value == 42


@pytest.mark.parametrize("says", DEATHS.values(), ids=DEATHS)
async def test_gives_a_program_up_when_it_kills_two_workers(says: str, tmp_path: Path) -> None:
    starter = ScriptedStarter(says, tmp_path, broken=2)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        with pytest.raises(CodeError, match="broke the sandbox"):
            await runner.run(CodeTask("1"))
        assert (await runner.run(CodeTask("1"))).value == 42


async def test_runs_a_program_again_when_its_worker_is_killed_once(tmp_path: Path) -> None:
    starter = ScriptedStarter("os._exit(9)", tmp_path, broken=1)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        assert (await runner.run(CodeTask("1"))).value == 42
    assert starter.started == 2


@pytest.mark.parametrize(
    "says",
    ["import time; time.sleep(1000)", "os.close(0); import time; time.sleep(1000)", "while True: pass"],
    ids=["silent", "deaf", "busy"],
)
async def test_kills_a_worker_that_does_not_answer(
    says: str, tmp_path: Path, wait_until_gone: Callable[[Iterable[int]], None]
) -> None:
    starter = ScriptedStarter(says, tmp_path, broken=1)
    limits = settings(grace_s=0.2)
    async with CodeRunner(limits, find_starter=giving(starter)) as runner:
        with pytest.raises((CodeTimeoutError, CodeError)):
            await runner.run(CodeTask("x", {"x": "y" * 1_000_000}, time_s=0.2))
        assert (await runner.run(CodeTask("1"))).value == 42


async def test_a_flood_is_bounded_and_stopped(tmp_path: Path) -> None:
    starter = ScriptedStarter("while True: os.write(1, b'x' * 65536)", tmp_path, broken=1)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        with pytest.raises(CodeError):
            await runner.run(CodeTask("1"))
        assert (await runner.run(CodeTask("1"))).value == 42


async def test_complaints_are_kept_short(tmp_path: Path) -> None:
    starter = ScriptedStarter(f"os.write(2, b'e' * 5_000_000); {GOOD}", tmp_path, broken=1)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        assert (await runner.run(CodeTask("1"))).value == 42


@pytest.mark.parametrize(
    "value", [b"NaN", b"1e999", b"9007199254740992", b"[" * 5000, b"{", b'"\\ud800"', b"", b"9" * 5000]
)
async def test_judges_the_value_of_a_worker_again(value: bytes, tmp_path: Path) -> None:
    starter = ScriptedStarter(f"reply(question, {value!r})", tmp_path, broken=9)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        with pytest.raises(CodeResultError, match="cannot leave the program"):
            await runner.run(CodeTask("1"))


async def test_says_why_a_worker_did_not_start(tmp_path: Path) -> None:
    command = Command((sys.executable, "-c", "import sys; sys.exit('no room at the inn')"), tmp_path)
    with pytest.raises(WorkerError, match="no room at the inn"):
        await Worker.start(command, timeout_s=60)
    with pytest.raises(WorkerError, match="cannot be started"):
        await Worker.start(Command(("/does/not/exist",), tmp_path), timeout_s=60)
    silent = Command((sys.executable, "-c", "import time; time.sleep(1000)"), tmp_path)
    with pytest.raises(WorkerError, match="not ready within"):
        await Worker.start(silent, timeout_s=0.1)


async def test_says_that_there_is_no_sandbox() -> None:
    async def find(_settings: SandboxSettings) -> ScriptedStarter:
        raise SandboxUnavailableError("nothing works here")

    async with CodeRunner(settings(), find_starter=find) as runner:
        assert runner.isolation == Isolation("unavailable", "nothing works here")
        with pytest.raises(SandboxUnavailableError, match="nothing works here"):
            await runner.run(CodeTask("1"))
    with pytest.raises(SandboxUnavailableError, match="stopped"):
        await runner.run(CodeTask("1"))


async def test_stopping_ends_programs_at_work(tmp_path: Path) -> None:
    starter = ScriptedStarter("import time; time.sleep(1000)", tmp_path, broken=9)
    runner = CodeRunner(settings(), find_starter=giving(starter))
    await runner.start()
    running = [asyncio.create_task(runner.run(CodeTask("1", time_s=60))) for _ in range(3)]
    async with asyncio.timeout(60):
        await starter.a_start.wait()
        await runner.stop()
        ends = await asyncio.gather(*running, return_exceptions=True)
    assert [type(end) for end in ends] == [SandboxUnavailableError] * 3


async def test_a_cancelled_program_is_killed_at_once(
    tmp_path: Path, wait_until_gone: Callable[[Iterable[int]], None]
) -> None:
    starter = ScriptedStarter("import time; time.sleep(1000)", tmp_path, broken=1)
    async with CodeRunner(settings(), find_starter=giving(starter)) as runner:
        running = asyncio.create_task(runner.run(CodeTask("1", time_s=60)))
        async with asyncio.timeout(60):
            await starter.a_start.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (await runner.run(CodeTask("1"))).value == 42
        await asyncio.to_thread(wait_until_gone, starter.pids[:1])
