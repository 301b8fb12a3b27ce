"""Limits on attempts to sign in, counted in Postgres: by all processes together, and by none without it."""

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.database import Database, Statement
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

# One more for each bucket that is not full. The rows are taken in the order of the buckets, so that nobody
# waits for each other; what `excluded` says beyond now is what one more adds.
DROP: Final = Statement("""
insert into gateway.throttles as t (bucket, full_until)
select g.bucket, :now::timestamptz + g.drip
from unnest(:buckets::bytea[], :drips::interval[]) with ordinality as g (bucket, drip, place)
order by g.place
on conflict (bucket) do update
set full_until = greatest(t.full_until, :now) + (excluded.full_until - :now)
where greatest(t.full_until, :now) + (excluded.full_until - :now)
    <= :now + (:depths::interval[])[array_position(:buckets, t.bucket)]
returning t.bucket
""")
FORGIVE: Final = Statement("""
delete from gateway.throttles where bucket = any(:buckets::bytea[]) or full_until < :empty
""")


class PostgresThrottle:
    """SignInThrottle; a success forgives the account, not the address, so nobody can wash a scan clean."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def admit(self, account: str, address: str) -> None:
        """Count an attempt; raise TooManySignInsError above a limit. Without a store nobody is admitted."""
        buckets = {_digest("address", address): PER_ADDRESS, **_of_account(account, address)}
        drops = {
            "now": self._clock.now(),
            "buckets": [*buckets],
            "drips": [bucket.drip for bucket in buckets.values()],
            "depths": [bucket.drip * bucket.size for bucket in buckets.values()],
        }
        had_room = {row["bucket"] for row in await self._database.rows(DROP, drops)}
        full = [bucket for digest, bucket in buckets.items() if digest not in had_room]
        if full:
            wait = max(math.ceil(bucket.drip.total_seconds()) for bucket in full)
            raise TooManySignInsError(f"Wait {wait} s, then try again.", retry_after=wait)

    async def forgive(self, account: str, address: str) -> None:
        """Forget the attempts of an account, and buckets that have run empty."""
        empty = self._clock.now() - PER_ACCOUNT.drip * PER_ACCOUNT.size
        await self._database.rows(FORGIVE, {"buckets": [*_of_account(account, address)], "empty": empty})


def _of_account(account: str, address: str) -> dict[bytes, Bucket]:
    return {_digest("pair", account, address): PER_PAIR, _digest("account", account): PER_ACCOUNT}


def _digest(*parts: str) -> bytes:
    """Return a name of fixed length: whatever is sent as an address, a bucket costs the same."""
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).digest()
