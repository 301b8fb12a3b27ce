"""Limits on attempts to sign in, counted in Postgres: by all processes together, and by none without it."""

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import DateTime, delete, func, literal
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.database import Database
from gateway.adapters.identity_tables import throttles
from gateway.domain.sign_in import TooManySignInsError


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many attempts at once; then one more in every `drip`."""

    name: str
    size: int
    drip: timedelta


PER_ADDRESS: Final = Bucket("address", 300, timedelta(seconds=1))
PER_PAIR: Final = Bucket("pair", 10, timedelta(seconds=30))
PER_ACCOUNT: Final = Bucket("account", 100, timedelta(seconds=36))


class PostgresThrottle:
    """SignInThrottle; a success forgives the account, not the address, so nobody can wash a scan clean."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def admit(self, account: str, address: str) -> None:
        """Count an attempt; raise TooManySignInsError above a limit. Without a store nobody is admitted."""
        buckets = [(PER_ADDRESS, _digest("address", address)), *_of_account(account, address)]
        async with self._database.transaction() as session:
            # In this order always, so that nobody waits for each other; what was counted stays counted.
            full = [bucket for bucket, digest in buckets if not await self._drop(session, bucket, digest)]
        if full:
            wait = max(math.ceil(bucket.drip.total_seconds()) for bucket in full)
            raise TooManySignInsError(f"Wait {wait} s, then try again.", retry_after=wait)

    async def forgive(self, account: str, address: str) -> None:
        """Forget the attempts of an account, and buckets that have run empty."""
        digests = [digest for _, digest in _of_account(account, address)]
        empty = throttles.c.full_until < self._clock.now() - PER_ACCOUNT.drip * PER_ACCOUNT.size
        async with self._database.transaction() as session:
            await session.execute(delete(throttles).where(throttles.c.bucket.in_(digests) | empty))

    async def _drop(self, session: AsyncSession, bucket: Bucket, digest: bytes) -> bool:
        """Put one more into a bucket unless it is full: one statement, whoever else does it at once."""
        now = self._clock.now()
        level = func.greatest(throttles.c.full_until, now) + bucket.drip
        change = (
            upsert(throttles)
            .values(bucket=digest, full_until=now + bucket.drip)
            .on_conflict_do_update(
                index_elements=["bucket"],
                set_={"full_until": level},
                where=level <= literal(now + bucket.drip * bucket.size, DateTime(timezone=True)),
            )
            .returning(throttles.c.bucket)
        )
        return (await session.execute(change)).first() is not None


def _of_account(account: str, address: str) -> list[tuple[Bucket, bytes]]:
    return [(PER_PAIR, _digest("pair", account, address)), (PER_ACCOUNT, _digest("account", account))]


def _digest(*parts: str) -> bytes:
    """Return a name of fixed length: whatever is sent as an address, a bucket costs the same."""
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).digest()
