"""One worker process, as the pool sees it: ask one thing at a time, trust nothing, kill when in doubt."""

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from typing import Final, cast, get_args

from flowloom_contracts.base import JsonObject
from flowloom_sandboxkit.frames import LENGTH, MAX_HEADER_BYTES, Answer, Outcome, Question, Ready
from flowloom_sandboxkit.layout import Command

STDERR_KEPT: Final = 2_000
PIPES_CLOSE_S: Final = 10.0


class WorkerError(Exception):
    """The worker is of no use any more: it ended, or said what no worker says."""


class WorkerDiedError(WorkerError):
    """The worker ended in the middle of a question."""


class Worker:
    """A started process. After `kill` or an error it is of no use; `ended` waits until it is gone."""

    def __init__(self, process: Process) -> None:
        self._process = process
        # All three are pipes: `start` asks for them.
        self._questions = cast("asyncio.StreamWriter", process.stdin)
        self._answers = cast("asyncio.StreamReader", process.stdout)
        self._complaints = b""
        self._listening = asyncio.create_task(self._listen(cast("asyncio.StreamReader", process.stderr)))
        self._ending: asyncio.Task[None] | None = None
        self.tasks_done = 0

    @classmethod
    async def start(cls, command: Command, *, timeout_s: float) -> tuple["Worker", Ready]:
        """Start a process and wait until it is confined; raises `WorkerError` with what it said."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command.arguments,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                cwd=command.folder,
                env={"LANG": "C.UTF-8"},
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"{command.arguments[0]!r} cannot be started: {error}") from error
        worker = cls(process)
        try:
            async with asyncio.timeout(timeout_s):
                ready = cast("Ready", _object(await worker._read(MAX_HEADER_BYTES)))
            if ready.get("ready") is not True:
                raise WorkerError("its first words are not those of a worker")
        except (WorkerError, TimeoutError) as error:
            worker.kill()
            await worker.ended()
            said = worker._said() or str(error) or f"not ready within {timeout_s:g} s"
            raise WorkerError(said) from error
        except asyncio.CancelledError:
            worker.kill()
            await worker.ended()
            raise
        return worker, ready

    @property
    def pid(self) -> int:
        """The process that was started; with bubblewrap, its outer one."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended yet, as far as the event loop knows."""
        return self._process.returncode is None

    async def ask(self, question: Question, inputs: bytes, *, timeout_s: float) -> tuple[Answer, bytes]:
        """Return the answer and the text of the value; raises TimeoutError or `WorkerError`, then kill it."""
        try:
            async with asyncio.timeout(timeout_s):
                header = json.dumps(question).encode()
                self._questions.writelines(
                    (LENGTH.pack(len(header)), header, LENGTH.pack(len(inputs)), inputs)
                )
                await self._questions.drain()
                answer = _answer(await self._read(MAX_HEADER_BYTES), question["id"])
                value = await self._read(question["max_result_bytes"])
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise WorkerDiedError(self._said() or "it ended without a word") from error
        self.tasks_done += 1
        return answer, value

    def kill(self) -> None:
        """End the process and all it started, at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def ended(self) -> None:
        """Wait until the process is gone and its pipes are closed; several may wait."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        self._questions.close()
        # `wait` returns when the pipes are read to their end, and a worker may have left a flood behind.
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(PIPES_CLOSE_S):
                while await self._answers.read(1 << 16):
                    pass
                await self._listening
                await self._process.wait()

    async def _read(self, limit: int) -> bytes:
        try:
            length: int = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))[0]
            if length > limit:
                raise WorkerError(f"it announced {length:,} bytes, more than {limit:,}")
            return await self._answers.readexactly(length)
        except asyncio.IncompleteReadError as error:
            raise WorkerDiedError(self._said() or "it ended without a word") from error

    async def _listen(self, complaints: asyncio.StreamReader) -> None:
        while heard := await complaints.read(4096):
            self._complaints = (self._complaints + heard)[-STDERR_KEPT:]

    def _said(self) -> str:
        lines = self._complaints.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def _answer(text: bytes, question_id: str) -> Answer:
    said = _object(text)
    right = (
        said.get("id") == question_id
        and said.get("outcome") in get_args(Outcome)
        and all(isinstance(said.get(key), str) for key in ("message", "printed"))
        and all(said.get(key) is None or type(said.get(key)) is int for key in ("line", "column"))
        and isinstance(said.get("spent"), bool)
    )
    if not right:
        raise WorkerError("its answer does not belong to the question")
    return cast("Answer", said)


def _object(text: bytes) -> JsonObject:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WorkerError("its answer is no JSON") from error
    if not isinstance(said, dict):
        raise WorkerError("its answer is no object")
    return cast("JsonObject", said)
