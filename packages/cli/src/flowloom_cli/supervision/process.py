"""One supervised process: spawn, log, watch, restart with back-off, stop."""

import asyncio
import os
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from flowloom_cli.errors import PartFailedError
from flowloom_cli.supervision.launch import launch
from flowloom_cli.supervision.logs import LogFile, last_lines
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import wait_ready

BACKOFF_S: Final = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Pause before the first, second … restart in a row; the last one repeats."""

STEADY_S: Final = 30.0
"""A process that ran this long starts its back-off anew."""

FIRST_START_TRIES: Final = 2
"""A part that dies this often before it was ever ready is broken, not unlucky."""

READ_BYTES: Final = 65_536

LAST_WORDS_S: Final = 0.5
"""How long the output of a dead process is still read; a grandchild may hold the pipe open."""


class State(StrEnum):
    PENDING = "pending"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    FAILED = "failed"


class SupervisedProcess:
    """Keeps one part running until told otherwise."""

    def __init__(
        self,
        part: Part,
        log_dir: Path,
        *,
        on_change: Callable[[], None],
        on_output: Callable[[str, bytes], None],
        report: Callable[[str], None],
    ) -> None:
        self.part = part
        self.state = State.PENDING
        self.pid: int | None = None
        self.restarts = 0
        self.log_path = log_dir / f"{part.name}.log"
        self._on_change = on_change
        self._on_output = on_output
        self._report = report
        self._was_ready = False
        self._keep = False
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()

    async def start(self) -> None:
        """Start the process and return when it is ready; raises PartFailedError."""
        self._keep = True
        self._settled.clear()
        self._keeper = asyncio.create_task(self._keep_running(), name=f"keep {self.part.name}")
        waiting = asyncio.create_task(self._settled.wait())
        await asyncio.wait({waiting, self._keeper}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self.state is not State.READY:
            raise self._failure()

    async def stop(self) -> None:
        """End the process and its whole group: politely first, then by force."""
        self._keep = False
        process = self._process
        if process is not None and process.returncode is None:
            self._signal_leader(self.part.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.part.stop_limit_s)
            except TimeoutError:
                self._signal_group(signal.SIGKILL)
                await process.wait()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._change(State.STOPPED)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the process itself, as a fault would; the supervisor reacts as to any death."""
        self._signal_leader(number)

    async def wait_ready(self) -> None:
        """Return when the process is ready (again)."""
        await self._settled.wait()

    async def _keep_running(self) -> None:
        deaths_in_a_row = 0
        while True:
            began = asyncio.get_running_loop().time()
            await self._run_once()
            self._settled.clear()
            if self._is_unwanted():
                return
            steady = asyncio.get_running_loop().time() - began > STEADY_S
            deaths_in_a_row = 0 if steady else deaths_in_a_row
            if not self._was_ready and deaths_in_a_row + 1 >= FIRST_START_TRIES:
                self._change(State.FAILED)
                return
            self._change(State.RESTARTING)
            self._report(f"{self.part.name} has died, starting it again; its log is {self.log_path}")
            await asyncio.sleep(BACKOFF_S[min(deaths_in_a_row, len(BACKOFF_S) - 1)])
            deaths_in_a_row += 1
            self.restarts += 1

    def _is_unwanted(self) -> bool:
        return not self._keep

    async def _run_once(self) -> None:
        """Run the process from its start to its death."""
        process = await self._spawn()
        readiness = asyncio.create_task(self._settle(process), name=f"probe {self.part.name}")
        pump = asyncio.create_task(self._pump(process), name=f"log {self.part.name}")
        try:
            await process.wait()
            await asyncio.wait({pump}, timeout=LAST_WORDS_S)
        finally:
            readiness.cancel()
            pump.cancel()
            self._signal_group(signal.SIGKILL)
            self.pid = None
            self._process = None

    async def _spawn(self) -> asyncio.subprocess.Process:
        part = self.part
        process = await launch(
            part.command, env=part.env, cwd=part.cwd, uid=part.uid, death_signal=part.death_signal
        )
        self._process = process
        self.pid = process.pid
        self._change(State.STARTING)
        return process

    async def _settle(self, process: asyncio.subprocess.Process) -> None:
        """Say that the process is ready, or end one that never becomes ready."""
        if await wait_ready(self.part.ready, limit_s=self.part.start_limit_s):
            if self.restarts:
                self._report(f"{self.part.name} is back")
            self._was_ready = True
            self._change(State.READY)
            self._settled.set()
        elif process.returncode is None:
            self._note(f"not ready after {self.part.start_limit_s:.0f} s, ended")
            self._signal_group(signal.SIGKILL)

    async def _pump(self, process: asyncio.subprocess.Process) -> None:
        output = process.stdout
        if output is None:
            return
        log = LogFile(self.log_path)
        try:
            while chunk := await output.read(READ_BYTES):
                log.write(chunk)
                self._on_output(self.part.name, chunk)
        finally:
            log.close()

    def _note(self, text: str) -> None:
        log = LogFile(self.log_path)
        log.write(f"supervisor: {text}\n".encode())
        log.close()

    def _signal_leader(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def _signal_group(self, number: signal.Signals) -> None:
        if self.pid is None:
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return

    def _change(self, state: State) -> None:
        self.state = state
        self._on_change()

    def _failure(self) -> PartFailedError:
        tail = "\n".join(f"    {line}" for line in last_lines(self.log_path))
        return PartFailedError(
            self.part.name,
            f"did not become ready; the end of {self.log_path}:\n{tail}",
            log=str(self.log_path),
            hint=self.part.hint or "read that log, then run `flowloom doctor`",
        )
