"""MCP over the standard streams of a program: started when it is needed, again when it has died."""

import asyncio
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.clock import Clock
from orchestrator.adapters.mcp.messages import SessionGoneError
from orchestrator.adapters.mcp.running_program import ProgramGoneError, RunningProgram
from orchestrator.domain.mcp import McpCallError
from orchestrator.domain.mcp_programs import Program

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0


class ProgramHall:
    """Counts the processes of each program, and makes room by ending one that nobody asks."""

    def __init__(self) -> None:
        self._open: dict[str, list[StdioTransport]] = {}

    async def enter(self, guest: "StdioTransport") -> None:
        """Let a process begin; raises McpCallError when there are as many as there may be."""
        program = guest.program
        there = self._open.setdefault(program.name, [])
        there[:] = [one for one in there if one.is_running and one is not guest]
        if len(there) >= program.spec.processes:
            idle = next((one for one in there if one.is_idle), None)
            if idle is None:
                raise McpCallError(
                    "rate_limit",
                    f"The program of {program.name!r} runs {program.spec.processes} times already, which is "
                    "the most that its operator allows.",
                )
            there.remove(idle)
            there.append(guest)
            await idle.close()
        else:
            there.append(guest)

    def used(self, guest: "StdioTransport") -> None:
        """Note that it was asked just now: the one asked longest ago makes room first."""
        there = self._open.get(guest.program.name, [])
        if guest in there:
            there.remove(guest)
            there.append(guest)


class StdioTransport:
    """Carries messages to a process of its own; there is one for each workspace that calls the program."""

    def __init__(self, program: Program, hall: ProgramHall, clock: Clock) -> None:
        self.program = program
        self.protocol: str | None = None
        self._hall = hall
        self._clock = clock
        self._running: RunningProgram | None = None
        self._starting = asyncio.Lock()
        self._pause_s = 0.0
        self._not_before = 0.0
        self._idle: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has a process, or is about to have one."""
        return self._starting.locked() or (self._running is not None and not self._running.is_over)

    @property
    def is_idle(self) -> bool:
        """Whether it has a process and nobody waits for it."""
        return not self._starting.locked() and self._running is not None and self._running.is_idle

    async def ask(
        self, message: JsonObject, *, timeout_s: float, key: str | None = None, may_repeat: bool = True
    ) -> JsonObject:
        """Send a request and return the message that answers it.

        Only the first message of a conversation begins a process. Raises SessionGoneError for another one
        whose process is gone, and for one that may be repeated whose process ends meanwhile. `key` is in the
        message.
        """
        async with self._starting:
            if self._running is None or self._running.is_over:
                if message["method"] != "initialize":
                    raise SessionGoneError
                self._running = await self._begun()
            running = self._running
        self._hall.used(self)
        self._keep_until_idle(running)
        try:
            return await running.ask(message, timeout_s=timeout_s)
        except ProgramGoneError as error:
            if may_repeat and message["method"] != "initialize":
                raise SessionGoneError(error) from error
            raise
        finally:
            self._judge(running)
            self._keep_until_idle(running)

    async def tell(self, message: JsonObject) -> None:
        """Send a message that has no answer."""
        if self._running is not None:
            await self._running.tell(message)

    async def close(self) -> None:
        """End the process."""
        if self._idle is not None:
            self._idle.cancel()
        running, self._running = self._running, None
        if running is not None:
            await running.ended()

    def forget(self) -> None:
        """Begin without a conversation; the next one has a process of its own."""
        self.protocol = None

    async def _begun(self) -> RunningProgram:
        wait = self._not_before - self._clock.monotonic()
        if wait > 0:
            raise McpCallError(
                "upstream",
                f"The program of {self.program.name!r} ends as soon as it has begun; it is started again in "
                f"{wait:.0f} s. The log of the orchestrator has what it said.",
            )
        if self._running is not None:
            await self._running.ended()
        await self._hall.enter(self)
        try:
            return await RunningProgram.start(self.program)
        except McpCallError:
            self._wait_longer()
            raise

    def _judge(self, running: RunningProgram) -> None:
        """Let a program that never answers be started less and less often."""
        if running.has_answered:
            self._pause_s = 0.0
        elif running.is_over:
            self._wait_longer()

    def _wait_longer(self) -> None:
        self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        self._not_before = self._clock.monotonic() + self._pause_s

    def _keep_until_idle(self, running: RunningProgram) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self.program.spec.idle_s, self._end_if_idle, running)

    def _end_if_idle(self, running: RunningProgram) -> None:
        if running.is_idle:
            running.stop()
