"""One process that plays an MCP server: a message is a line on its standard input or output."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Final, cast

import orjson
import structlog

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.processes import started
from orchestrator.adapters.mcp.messages import MESSAGE_BYTES, parsed, reply
from orchestrator.domain.mcp import McpCallError
from orchestrator.domain.mcp_programs import Program
from orchestrator.domain.redaction import Redactor

log = structlog.get_logger(__name__)

BECOME: Final = str(Path(__file__).with_name("become_program.py"))
GIVEN: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
STDERR_KEPT: Final = 2_000
UNREAD_BYTES: Final = 1_000_000
"""What may wait for a program that does not read before its questions are not answered any more."""

LEAVES_S: Final = 2.0
"""How long a program has to end after its input is closed, and again after it is told to."""


class ProgramGoneError(McpCallError):
    """The process ended in the middle of a call."""


class RunningProgram:
    """A started process; after `is_over` it is of no use."""

    def __init__(self, program: Program, process: Process) -> None:
        self._program = program
        self._process = process
        # All three are pipes: `start` asks for them.
        self._input = cast("asyncio.StreamWriter", process.stdin)
        self._pending: dict[int, asyncio.Future[JsonObject]] = {}
        self._messages = 0
        self._stderr = b""
        self._tasks = (
            asyncio.ensure_future(self._read(cast("asyncio.StreamReader", process.stdout))),
            asyncio.ensure_future(self._listen(cast("asyncio.StreamReader", process.stderr))),
        )
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, program: Program) -> "RunningProgram":
        """Start the process; raises McpCallError where that is not possible."""
        spec = program.spec
        limits = (os.getpid(), spec.memory_bytes, spec.open_files, spec.processor_s)
        try:
            process = await started(
                sys.executable,
                "-I",
                "-S",
                BECOME,
                *map(str, limits),
                spec.command,
                *spec.arguments,
                stderr=PIPE,
                cwd=spec.folder,
                env={**GIVEN, **spec.environment, **program.secrets},
                limit=MESSAGE_BYTES,
            )
        except OSError as error:
            log.error("the program of an MCP server cannot be started", server=program.name, error=str(error))
            raise McpCallError(
                "upstream", f"The program of {program.name!r} cannot be started: {error.strerror}."
            ) from error
        log.info("the program of an MCP server has begun", server=program.name, pid=process.pid)
        return cls(program, process)

    @property
    def is_over(self) -> bool:
        """Whether nobody answers any more."""
        return self._process.returncode is not None or self._tasks[0].done() or self._ending is not None

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._pending

    @property
    def has_answered(self) -> bool:
        """Whether it has ever said anything."""
        return self._messages > 0

    async def ask(self, message: JsonObject, *, timeout_s: float) -> JsonObject:
        """Send a request and return the message that answers it; raises McpCallError, `ProgramGoneError` too.

        A program that stays silent over the whole time is ended: it may hang; the next call begins another.
        """
        number = cast("int", message["id"])
        waiting: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._pending[number] = waiting
        said_before = self._messages
        try:
            async with asyncio.timeout(timeout_s):
                await self._write(message)
                return await waiting
        except TimeoutError:
            if self._messages == said_before and len(self._pending) == 1:
                self.stop()
            raise McpCallError("timeout", f"No answer within {timeout_s:g} s.", is_unknown=True) from None
        except ConnectionError:
            raise self._gone() from None
        finally:
            self._pending.pop(number, None)

    async def tell(self, message: JsonObject) -> None:
        """Send a message that has no answer; whether it is read does not matter."""
        if not self.is_over and self._input.transport.get_write_buffer_size() < UNREAD_BYTES:
            self._input.write(orjson.dumps(message) + b"\n")

    def stop(self) -> None:
        """Begin to end the process, politely first."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end())

    async def ended(self) -> None:
        """Wait until the process is gone, with all that it has started."""
        self.stop()
        if self._ending is not None:
            await asyncio.shield(self._ending)

    async def _write(self, message: JsonObject) -> None:
        self._input.write(orjson.dumps(message) + b"\n")
        await self._input.drain()

    async def _read(self, output: asyncio.StreamReader) -> None:
        try:
            while line := await output.readline():
                if line.strip():
                    await self._take(line)
        except ValueError:
            # What follows a line that is too long cannot be told from its rest.
            log.warning("an MCP server said too much at once", server=self._program.name, most=MESSAGE_BYTES)
        finally:
            self.stop()
            for waiting in self._pending.values():
                if not waiting.done():
                    waiting.set_exception(self._gone())

    async def _take(self, line: bytes) -> None:
        try:
            messages = parsed(line)
        except McpCallError:
            log.warning("an MCP server prints what is no message", server=self._program.name)
            return
        for message in messages:
            self._messages += 1
            number = message.get("id")
            if "method" in message:
                if "id" in message:
                    await self.tell(reply(message))
            elif isinstance(number, int) and (waiting := self._pending.get(number)) and not waiting.done():
                waiting.set_result(message)

    async def _listen(self, complaints: asyncio.StreamReader) -> None:
        while heard := await complaints.read(4_096):
            self._stderr = (self._stderr + heard)[-STDERR_KEPT:]

    async def _end(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._input.close()
        for told in (None, signal.SIGTERM, signal.SIGKILL):
            if told is not None:
                self._signal(told)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVES_S):
                    await self._process.wait()
                    break
        self._signal(signal.SIGKILL)  # what it has started may be left
        await asyncio.wait(self._tasks, timeout=LEAVES_S)
        for task in self._tasks:
            task.cancel()
        secrets = Redactor(self._program.secrets)
        said = secrets.text(self._stderr.decode(errors="replace").strip())
        status = self._process.returncode
        told = log.info if status in (0, -signal.SIGTERM) else log.warning
        told("the program of an MCP server has ended", server=self._program.name, status=status, said=said)

    def _signal(self, number: signal.Signals) -> None:
        # The process leads a session of its own, so that its number is that of the whole group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _gone(self) -> ProgramGoneError:
        return ProgramGoneError(
            "upstream",
            f"The program of {self._program.name!r} ended before it had answered; the log of the "
            "orchestrator has what it said.",
            is_unknown=True,
        )
