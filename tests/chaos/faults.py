"""Does a planned fault to a running platform, and undoes what does not end by itself."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate

from tests.chaos.doubling import DoublingLink
from tests.chaos.proxy import FAIR, Link, Weather
from tests.chaos.schedule import PlannedFault
from tests.integration.stack import Stack
from tests.integration.waiting import passed

BACK_WITHIN_S = 90.0
SLOW = Weather(delay_s=0.05, jitter_s=0.1, bytes_per_s=64_000)


@dataclass
class Done:
    """What was really done: kills by process, and the seconds until each was ready again."""

    kills: list[str] = field(default_factory=list)
    back_after_s: list[float] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)


class Saboteur:
    """Carries out faults, one after the other."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._busy: dict[str, asyncio.Lock] = {}
        self.done = Done()

    async def do_all(self, faults: Sequence[PlannedFault]) -> None:
        """Do faults at their times, over each other unless they have the same target."""
        starts = accumulate(fault.after_s for fault in faults)
        await asyncio.gather(*(self._at(start, fault) for start, fault in zip(starts, faults, strict=True)))

    async def _at(self, start_s: float, fault: PlannedFault) -> None:
        await passed(start_s)
        async with self._busy.setdefault(fault.target, asyncio.Lock()):
            try:
                async with asyncio.timeout(fault.lasts_s + BACK_WITHIN_S):
                    await self._do(fault)
            except TimeoutError:
                self.done.stuck.append(f"{fault.target} did not come back from {fault.kind}")

    async def _do(self, fault: PlannedFault) -> None:
        """Do a fault and return when what it broke is whole again."""
        match fault.kind:
            case "kill":
                await self._kill(fault.target)
            case "kill_twice":
                await self._kill(fault.target)
                await self._kill(fault.target)
            case "hold":
                await self._hold(fault)
            case "freeze":
                async with self._frozen(fault.target):
                    await passed(fault.lasts_s)
            case "cut" | "slow":
                weather = Weather(cut=True) if fault.kind == "cut" else SLOW
                await self._stack.network.change(weather, fault.target)
                await passed(fault.lasts_s)
                await self._stack.network.change(FAIR, fault.target)
            case "reset":
                await self._stack.network.reset(fault.target)
            case "backend":
                await self._kill_backend()
            case "double":
                await self._stack.network.use_link("valkey", DoublingLink)
                await passed(fault.lasts_s)
                await self._stack.network.use_link("valkey", Link)

    async def _kill(self, name: str) -> None:
        self.done.kills.append(name)
        self.done.back_after_s.append(round(await self._stack.kill(name), 2))

    async def _hold(self, fault: PlannedFault) -> None:
        self.done.kills.append(fault.target)
        began = time.monotonic()
        await self._stack.hold(fault.target)
        await passed(fault.lasts_s)
        await self._stack.release(fault.target)
        self.done.back_after_s.append(round(time.monotonic() - began - fault.lasts_s, 2))

    async def _kill_backend(self) -> None:
        backend = await self._stack.a_backend("orchestrator")
        if backend is not None:
            self.done.kills.append("postgres backend")
            self._stack.kill_process(backend)

    @asynccontextmanager
    async def _frozen(self, name: str) -> AsyncIterator[None]:
        self._stack.send_signal(signal.SIGSTOP, name)
        try:
            yield
        finally:
            self._stack.send_signal(signal.SIGCONT, name)
