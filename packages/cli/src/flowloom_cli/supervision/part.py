"""What the supervisor needs to know of one process, and of one thing to be done once."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flowloom_cli.supervision.child import KEEP_OWN_USER
from flowloom_cli.supervision.readiness import Probe


@dataclass(frozen=True)
class Part:
    """One long-running process.

    `stage` orders the stop: higher stages end first. `death_signal` reaches the process when the
    supervisor itself dies; it must end the process without anybody's help.
    """

    name: str
    command: tuple[str, ...]
    ready: Probe
    port: int
    cwd: Path
    env: Mapping[str, str]
    needs: tuple[str, ...] = ()
    stage: int = 0
    uid: int = KEEP_OWN_USER
    start_limit_s: float = 90.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_limit_s: float = 8.0
    death_signal: signal.Signals = signal.SIGKILL
    hint: str = ""


@dataclass(frozen=True)
class Step:
    """Something that is done once between the starts of processes, such as a migration."""

    name: str
    run: Callable[[], Awaitable[None]]
    needs: tuple[str, ...] = ()
