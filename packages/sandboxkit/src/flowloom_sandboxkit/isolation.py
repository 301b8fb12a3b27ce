"""Tries how far programs can be isolated on this machine, and says it in words."""

import logging
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, Literal, Protocol

from flowloom_sandboxkit.errors import SandboxUnavailableError
from flowloom_sandboxkit.frames import Ready
from flowloom_sandboxkit.layout import Command, Workshop, find_pieces
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.worker import Worker, WorkerError

log: Final = logging.getLogger(__name__)

Kind = Literal["bubblewrap", "process", "unavailable"]


@dataclass(frozen=True)
class Isolation:
    """What stands between a program and this machine; for readiness and `flowloom doctor`."""

    kind: Kind
    reason: str
    """Why not more, or why nothing; empty for bubblewrap."""
    seccomp: bool = False
    landlock: bool = False
    monty: str = ""


class Starter(Protocol):
    """Starts workers the way that was found to work."""

    @property
    def isolation(self) -> Isolation:
        """What the workers are isolated by."""

    async def start_worker(self) -> Worker:
        """Return a new worker; raises `SandboxUnavailableError`."""

    def close(self) -> None:
        """Give back what the starter holds."""


class ConfinedStarter:
    """Starts real workers by one command."""

    def __init__(self, isolation: Isolation, command: Command, workshop: Workshop, timeout_s: float) -> None:
        self.isolation = isolation
        self._command = command
        self._workshop = workshop
        self._timeout_s = timeout_s

    async def start_worker(self) -> Worker:
        """Return a new worker; raises `SandboxUnavailableError` with what the attempt said."""
        try:
            worker, _ = await Worker.start(self._command, timeout_s=self._timeout_s)
        except WorkerError as error:
            raise SandboxUnavailableError(f"No sandbox could be started: {error}") from error
        return worker

    def close(self) -> None:
        """Remove the workers' small files."""
        self._workshop.close()


async def best_starter(settings: SandboxSettings) -> ConfinedStarter:
    """Return a starter for the best isolation that works here; raises `SandboxUnavailableError`."""
    with ExitStack() as undo:
        workshop = Workshop(settings, find_pieces())
        undo.callback(workshop.close)
        starter = await _try_all(settings, workshop)
        undo.pop_all()
    found = starter.isolation
    if found.kind == "bubblewrap":
        log.info("code steps run inside bubblewrap")
    else:
        log.warning("code steps run without bubblewrap: %s", found.reason)
    return starter


async def _try_all(settings: SandboxSettings, workshop: Workshop) -> ConfinedStarter:
    reason = "FLOWLOOM_SANDBOX_ISOLATION is `process`"
    if settings.isolation != "process":
        bubblewrap = shutil.which("bwrap")
        reason = "the program `bwrap` is not installed"
        if bubblewrap is not None:
            command = workshop.bubblewrapped(bubblewrap)
            try:
                ready = await _probe(command, settings.start_timeout_s)
                return _starter("bubblewrap", "", ready, (command, workshop, settings))
            except WorkerError as error:
                reason = f"bubblewrap does not work on this machine ({error})"
        if settings.isolation == "bubblewrap":
            raise SandboxUnavailableError(f"Code steps need bubblewrap here, and {reason}.")
    command = workshop.bare()
    try:
        ready = await _probe(command, settings.start_timeout_s)
    except WorkerError as error:
        raise SandboxUnavailableError(f"No sandbox could be started: {error}") from error
    return _starter("process", reason, ready, (command, workshop, settings))


def _starter(
    kind: Kind, reason: str, ready: Ready, parts: tuple[Command, Workshop, SandboxSettings]
) -> ConfinedStarter:
    command, workshop, settings = parts
    isolation = Isolation(
        kind=kind,
        reason=reason,
        seccomp=ready["seccomp"] is True,
        landlock=ready["landlock"] is True,
        monty=version("pydantic-monty"),
    )
    return ConfinedStarter(isolation, command, workshop, settings.start_timeout_s)


async def _probe(command: Command, timeout_s: float) -> Ready:
    """Start a worker, which runs a first program before it is ready, and end it again."""
    worker, ready = await Worker.start(command, timeout_s=timeout_s)
    worker.kill()
    await worker.ended()
    return ready
