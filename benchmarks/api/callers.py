"""Callers of a webhook: what they were answered, and how fast."""

import asyncio
import json
import time
from dataclasses import dataclass, field

from benchmarks.core.kept_connections import KeptConnection, connect, request_text
from benchmarks.core.load import open_loop


@dataclass
class Calls:
    """What came of many calls: latencies in milliseconds, ids that were accepted, other statuses."""

    latencies_ms: list[float] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.accepted) / self.seconds


class Caller:
    """One kept connection."""

    def __init__(self, connection: KeptConnection) -> None:
        self._connection = connection

    async def call(self, calls: Calls) -> None:
        """Make one call and keep what was answered."""
        answer = await self._connection.ask()
        if answer.status == 202:
            calls.accepted.append(str(json.loads(answer.body)["delivery_id"]))
        else:
            calls.refused[answer.status] = calls.refused.get(answer.status, 0) + 1

    def close(self) -> None:
        self._connection.close()


async def connected(base_url: str, path: str, *, api_key: str, body: bytes, count: int) -> list[Caller]:
    """Open connections to a webhook that asks for an API key."""
    request = request_text(base_url, path, headers={"x-api-key": api_key}, body=body)
    return [Caller(await connect(base_url, request)) for _ in range(count)]


async def saturate(callers: list[Caller], seconds: float) -> Calls:
    """Call as fast as the answers come, for some seconds."""
    calls = Calls()
    began = time.perf_counter()

    async def repeat(caller: Caller) -> None:
        while (now := time.perf_counter()) < began + seconds:
            await caller.call(calls)
            calls.latencies_ms.append((time.perf_counter() - now) * 1000)

    await asyncio.gather(*map(repeat, callers))
    calls.seconds = time.perf_counter() - began
    return calls


async def at_rate(callers: list[Caller], per_second: float, seconds: float) -> Calls:
    """Call at fixed times, whatever the answers take; a call that finds no connection free waits its turn."""
    calls = Calls()
    free: asyncio.Queue[Caller] = asyncio.Queue()
    for caller in callers:
        free.put_nowait(caller)

    async def once() -> None:
        caller = await free.get()
        await caller.call(calls)
        free.put_nowait(caller)

    began = time.perf_counter()
    calls.latencies_ms = await open_loop(once, per_second=per_second, seconds=seconds)
    calls.seconds = time.perf_counter() - began
    return calls
