"""Rates counted in Redis by leases, and in this process alone while Redis is away."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.redis_client import ResetAwareConnection
from gateway.domain.rate_limits import Bucket, Rate, Standing, TooManyRequestsError

log = structlog.get_logger(__name__)

LEASES_A_WINDOW: Final = 50
"""A lease is this part of a quota, so that a read asks Redis once in so many times at most."""

KEPT: Final = 10_000
RETRY_REDIS_SECONDS: Final = 5.0
REFUSED_SECONDS: Final = 0.5


@dataclass(slots=True)
class _Lease:
    left: int
    remaining: int
    reset_at: float
    until: float
    refused: Standing | None = None


class LeasedRateLimits:
    """See `RateLimits`; several processes together exceed a quota by one lease each at most."""

    def __init__(self, rates: Mapping[Bucket, Rate], *, redis_url: str | None, clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._items = {
            bucket: RateLimitItemPerSecond(rate.quota, rate.window_s, namespace=f"flowloom-{bucket.value}")
            for bucket, rate in rates.items()
        }
        self._leases: OrderedDict[tuple[Bucket, str], _Lease] = OrderedDict()
        self._renewing: WeakValueDictionary[tuple[Bucket, str], asyncio.Lock] = WeakValueDictionary()
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool = None if redis_url is None else _pool(redis_url)
        self._shared = None if self._pool is None else _shared(self._pool)
        self._shared_again_at = 0.0

    async def spend(self, bucket: Bucket, name: str, *, cost: int = 1) -> Standing:
        """See `RateLimits`."""
        lease = self._usable(bucket, name, cost)
        if lease is None:
            # One caller renews and the others use what it got: a lease of each would be lost for the window.
            renewing = self._renewing.setdefault((bucket, name), asyncio.Lock())
            async with renewing:
                lease = self._usable(bucket, name, cost) or await self._renewed(
                    bucket, name, cost, self._clock.monotonic()
                )
        lease.left -= cost
        lease.remaining -= cost
        return self._standing(bucket, lease, self._clock.monotonic())

    def _usable(self, bucket: Bucket, name: str, cost: int) -> _Lease | None:
        """Return the lease that has so much left; raises `TooManyRequestsError` while none can be."""
        now = self._clock.monotonic()
        lease = self._leases.get((bucket, name))
        if lease is None or lease.until <= now:
            return None
        if lease.refused is not None:
            raise TooManyRequestsError(lease.refused)
        return lease if lease.left >= cost else None

    async def close(self) -> None:
        """Leave Redis."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _renewed(self, bucket: Bucket, name: str, cost: int, now: float) -> _Lease:
        rate, item = self._rates[bucket], self._items[bucket]
        whole = max(cost, rate.quota // LEASES_A_WINDOW)
        for size in dict.fromkeys((whole, cost)):
            granted, remaining, reset_s = await self._hit(item, name, size, now)
            if granted:
                # It lasts as long as the window that it is counted in, so that slow callers lose nothing.
                lease = _Lease(size, remaining + size, now + reset_s, now + rate.window_s)
                self._keep(bucket, name, lease)
                return lease
        # The window slides: so much more of it must pass until the cost fits again.
        wait_s = reset_s + cost * rate.window_s / rate.quota
        refused = Standing(bucket, rate.quota, rate.window_s, 0, max(1, math.ceil(wait_s)))
        if cost == 1:
            # A flood is refused here for a moment, so that it does not become a flood on Redis.
            self._keep(bucket, name, _Lease(0, 0, now + wait_s, now + min(REFUSED_SECONDS, wait_s), refused))
        raise TooManyRequestsError(refused)

    def _keep(self, bucket: Bucket, name: str, lease: _Lease) -> None:
        self._leases[bucket, name] = lease
        self._leases.move_to_end((bucket, name))
        if len(self._leases) > KEPT:
            self._leases.popitem(last=False)

    async def _hit(self, item: RateLimitItem, name: str, cost: int, now: float) -> tuple[bool, int, float]:
        if self._shared is not None and self._shared_again_at <= now:
            try:
                return await self._hit_in(self._shared, item, name, cost)
            except (StorageError, OSError) as error:
                self._shared_again_at = now + RETRY_REDIS_SECONDS
                log.warning("rates are counted here alone", error=repr(error), retry_in_s=RETRY_REDIS_SECONDS)
        return await self._hit_in(self._local, item, name, cost)

    async def _hit_in(
        self, limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, name: str, cost: int
    ) -> tuple[bool, int, float]:
        granted = await limiter.hit(item, name, cost=cost)
        stats = await limiter.get_window_stats(item, name)
        return granted, stats.remaining, max(0.0, stats.reset_time - time.time())

    def _standing(self, bucket: Bucket, lease: _Lease, now: float) -> Standing:
        rate = self._rates[bucket]
        reset_s = min(rate.window_s, max(1, math.ceil(lease.reset_at - now)))
        return Standing(bucket, rate.quota, rate.window_s, max(0, lease.remaining), reset_s)


def _pool(redis_url: str) -> ConnectionPool:
    return ConnectionPool.from_url(
        redis_url, connection_class=ResetAwareConnection, socket_timeout=0.5, socket_connect_timeout=0.5
    )


def _shared(pool: ConnectionPool) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(
        "async+redis://",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="rates",
        connection_pool=pool,  # type: ignore[arg-type]  # it is handed on to the client
    )
    return SlidingWindowCounterRateLimiter(storage)
