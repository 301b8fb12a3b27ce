"""Keeps large values beside the run, and puts them back where something looks into them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import orjson
import structlog

from flowloom_contracts.base import JsonValue
from flowloom_contracts.values import MAX_VALUE_BYTES
from flowloom_language.large_values import base_of, refs_in, with_values
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.large import LargeValue, ValuesNeededError, taken_out
from orchestrator.ports.values import ValueStore

log = structlog.get_logger(__name__)

AT_ONCE: Final = 2
"""Values above `HEAVY_BYTES` that this process holds in memory at the same time."""

HEAVY_BYTES: Final = 1_000_000

MAX_LOADED_BYTES: Final = MAX_VALUE_BYTES + 8_000_000
"""The most that one evaluation may look into."""

SWEEP_SECONDS: Final = 3600


async def sweep_values(store: ValueStore, clock: Clock) -> None:
    """Remove the values of runs that are gone, every hour, for ever."""
    while True:
        await clock.sleep(SWEEP_SECONDS)
        try:
            while await store.sweep():
                continue
        except UpstreamError as error:
            log.warning("large values cannot be swept", error=repr(error))


class ValueKeeper:
    """One per process: it bounds how much of large values is in memory."""

    def __init__(self, store: ValueStore) -> None:
        self.store = store
        self._slots = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def heavy(self) -> AsyncIterator[None]:
        """Wait for the right to hold a value above `HEAVY_BYTES`, and hold it."""
        async with self._slots:
            yield

    async def light(self, run_id: str, value: JsonValue) -> JsonValue:
        """Return a value that fits into a state; what was too large in it is kept first.

        Raises ValueTooLargeError, and UpstreamError when it cannot be kept.
        """
        lighter, large = taken_out(value)
        await self.keep(run_id, large)
        return lighter

    async def keep(self, run_id: str, values: Iterable[LargeValue]) -> None:
        """Keep what was taken out of a value; raises UpstreamError."""
        for one in values:
            await self.store.keep(run_id, one.ref, one.body)

    async def loaded(self, run_id: str, refs: Iterable[str]) -> Mapping[str, JsonValue]:
        """Return large values whole, those inside them too.

        Raises ValuesNeededError for one that is not there, and for more than one evaluation may look into.
        """
        room, found = [MAX_LOADED_BYTES], dict[str, JsonValue]()
        async with self._slots:
            for ref in refs:
                if ref not in found:
                    found |= await self._with_neighbours(run_id, ref, room)
        return found

    async def _with_neighbours(self, run_id: str, ref: str, room: list[int]) -> dict[str, JsonValue]:
        """Return a value, and of a piece of a list all that stand in it: they are looked into next."""
        base, place = base_of(ref)
        whole = await self._whole(run_id, base, room)
        if place is None:
            return {ref: whole}
        if not isinstance(whole, list) or place >= len(whole):
            raise ValuesNeededError((ref,))
        return {f"{base}.{number}": item for number, item in enumerate(whole)}

    async def _whole(self, run_id: str, ref: str, room: list[int]) -> JsonValue:
        body = await self.store.load(run_id, ref)
        room[0] -= len(body or b"")
        if body is None or room[0] < 0:
            raise ValuesNeededError((ref,))
        value: JsonValue = orjson.loads(body)
        inside = refs_in(value)
        if not inside:
            return value
        found = dict[str, JsonValue]()
        for inner in inside:
            if inner not in found:
                found |= await self._with_neighbours(run_id, inner, room)
        return with_values(value, found)
