"""How long the platform took to work again, kept for the end of the session and held against promise G6."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from tests.integration.workload import Kind, Workload

APP_S: Final = 10.0
SIDECAR_S: Final = 15.0
STORE_S: Final = 10.0
SCHEDULER_S: Final = 30.0
"""Context, not a promise: after the scheduler's death the engine gives work out again about that late."""

LEAST_SLACK: Final = 1.5
"""The promises are for a machine of its own; a test shares two cores with twenty runs and itself."""


@dataclass(frozen=True)
class Recovery:
    """One measurement."""

    experiment: str
    what: str
    seconds: float
    limit_s: float

    def __str__(self) -> str:
        kept = "kept" if self.seconds <= self.limit_s else "over"
        return f"{self.experiment:4} {self.what}: {self.seconds:.1f} s (promised {self.limit_s:g} s, {kept})"


RECORDED: Final[list[Recovery | str]] = []


def note(line: str) -> None:
    """Keep a line for the end of the session."""
    RECORDED.append(line)


def record(experiment: str, what: str, seconds: float, *, limit_s: float) -> None:
    """Keep a measurement, and fail when it is over the promise by more than this machine's load explains."""
    measured = Recovery(experiment, what, seconds, limit_s)
    RECORDED.append(measured)
    slack = max(LEAST_SLACK, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert seconds <= limit_s * slack, f"{measured}; allowed with this load: {limit_s * slack:.1f} s"


@asynccontextmanager
async def timed(experiment: str, what: str, *, limit_s: float) -> AsyncIterator[None]:
    """Record how long a block took."""
    began = time.monotonic()
    yield
    record(experiment, what, time.monotonic() - began, limit_s=limit_s)


class Probe:
    """A run that is started while something is broken; its document is stored before."""

    def __init__(self, work: Workload, kind: Kind) -> None:
        self._kind = kind
        self._work = Workload(work.stack, work.api, work.model, f"probe-{work.key}")

    async def ready(self) -> Self:
        """Store the document."""
        await self._work.save(self._kind)
        return self

    async def succeeds(self, *, within_s: float = 90) -> None:
        """Start a run now, as often as it is refused, and wait for its success; its calls answer at once."""
        await self._work.start(self._kind, within_s=within_s)
        (await self._work.findings(within_s=within_s)).require_none()
