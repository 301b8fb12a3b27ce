"""One process that hashes passwords, as its owner sees it: asked, and ended when nobody asks."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import structlog

from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.processes import end, started
from gateway.adapters import password_program

log = structlog.get_logger(__name__)

REST_S: Final = 60.0
"""How long a process without work is kept; it holds what one hash takes."""

KEEPS_ITS_MEMORY: Final = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "1073741824"}
"""For the C library: what is given back after each hash is mapped anew for the next one, page by page in the
kernel, where nobody can be let past."""

TRIES: Final = 2


class PasswordsUnwellError(UpstreamError):
    """The process that hashes passwords does not live long enough to answer."""

    title = "Passwords cannot be checked at the moment"


class PasswordProcess:
    """Started when it is first asked; it is asked one thing at a time."""

    def __init__(self, *, is_behind: bool, rest_s: float = REST_S) -> None:
        program = str(Path(password_program.__file__))
        self._command = (sys.executable, "-I", program, *((password_program.BEHIND,) if is_behind else ()))
        self._rest_s = rest_s
        self._process: asyncio.subprocess.Process | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Return the number of the process that runs now."""
        return self._process.pid if self._process is not None else None

    async def ask(self, password: str, stored: str | None) -> str:
        """Return what `password_program.worked` returns; raise PasswordsUnwellError if it dies of it."""
        if self._resting is not None:
            self._resting.cancel()
        question = json.dumps([password, stored]).encode() + b"\n"
        for _ in range(TRIES):
            answer = await self._exchanged(question)
            if answer:
                self._resting = asyncio.get_running_loop().call_later(self._rest_s, self._rest)
                return str(json.loads(answer))
            log.warning("the process that hashes passwords has died", pid=self.pid)
            await self.end()
        raise PasswordsUnwellError("Try again in a moment.", retry_after=2)

    async def end(self) -> None:
        """End the process; the next question starts another."""
        if self._resting is not None:
            self._resting.cancel()
        process, self._process = self._process, None
        if process is not None:
            await end(process)

    async def _exchanged(self, question: bytes) -> bytes:
        """Return the line of its answer, or nothing if it has died."""
        if self._process is None:
            self._process = await started(*self._command, env=KEEPS_ITS_MEMORY)
        process = self._process
        if process.stdin is None or process.stdout is None:
            return b""
        try:
            process.stdin.write(question)
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return b""
        answer = await process.stdout.readline()
        return answer if answer.endswith(b"\n") else b""

    def _rest(self) -> None:
        self._ending = asyncio.get_running_loop().create_task(self.end())
