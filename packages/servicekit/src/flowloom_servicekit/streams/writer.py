"""Appends to live streams; the script in Redis numbers, fences and drops what it has seen."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from redis.asyncio import Redis

from flowloom_servicekit.redis_client import redis_failures
from flowloom_servicekit.streams import scripts
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.errors import StreamLostError
from flowloom_servicekit.streams.together import SharedScript

SEALED_SECONDS: Final = 3_600
REBUILD_BATCH: Final = 200
TOLD_KEPT: Final = 1_000
TOLD_SECONDS: Final = 7 * 86_400
WHOLE_SINCE: Final = scripts.meta_key("run:server")


@dataclass(frozen=True, slots=True)
class Milestone:
    """A committed event: `n` is dense per stream from 1, `body` its envelope (see `encode_body`).

    `fence` = (step, exec): from this event on, text of that step with a lower exec is refused. A claim fences
    with its own exec, an ended attempt with exec + 1.
    """

    n: int
    body: str
    fence: tuple[str, int] | None = None


class StreamWriter:
    """Writer for owners (milestones) and for whoever runs a step (deltas)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._append_milestones = redis.register_script(scripts.APPEND_MILESTONES)
        self._append_deltas = SharedScript(redis, scripts.APPEND_DELTAS)
        self._renew = redis.register_script(scripts.RENEW)
        self._seal = redis.register_script(scripts.SEAL)
        self._trim = redis.register_script(scripts.TRIM)
        self._tell = redis.register_script(scripts.TELL)

    async def append_milestone(
        self,
        stream: str,
        n: int,
        envelope_json: str,
        *,
        epoch_hint: int = 1,
        fence: tuple[str, int] | None = None,
    ) -> int | None:
        """Append one milestone; see `append_milestones`."""
        return (
            await self.append_milestones(stream, [Milestone(n, envelope_json, fence)], epoch_hint=epoch_hint)
        )[0]

    async def append_milestones(
        self, stream: str, milestones: Sequence[Milestone], *, epoch_hint: int = 1
    ) -> list[int | None]:
        """Append in order, in one round trip; return each `seq`, None for an `n` seen before.

        The milestone with `n` 1 creates the stream at `epoch_hint`. Raises `StreamLostError` when a later one
        finds no stream, one of an older epoch than the hint, or one that has missed an `n` in between; what
        came before the gap in the same call is appended. Raises `StorageUnavailableError` when Redis is away.
        """
        if not milestones:
            return []
        args: list[str | int] = [epoch_hint, int(time.time())]
        for milestone in milestones:
            step, fence = milestone.fence or ("", 0)
            args += [milestone.n, milestone.body, step, fence]
        with redis_failures():
            answer = await self._append_milestones(keys=_keys(stream), args=args)
        if answer[0] != "ok":
            raise StreamLostError(f"{stream!r} has to be rebuilt before milestone {milestones[-1].n}")
        return [seq or None for seq in answer[2:]]

    async def append_deltas(
        self, stream: str, step: str, exec: int, bodies: Sequence[str], *, turn: int = 0
    ) -> int | None:
        """Append pieces of text; return the stream's epoch, or None when refused.

        `turn` counts the appends of one execution from 1: one whose answer was lost is repeated under the
        same number and changes nothing if it had arrived. 0 says that nobody repeats.

        Calls of the moment, for whichever streams, share a round trip.

        Refused means: another execution of the step has a higher fencing token, or the stream is sealed.
        An epoch that differs from the last one means that the stream was rebuilt: append the whole text of
        this execution again. Raises `StreamLostError` when there is no stream (its owner rebuilds it; keep
        the text and try again) and `StorageUnavailableError` when Redis is away.
        """
        answer = await self._append_deltas(_keys(stream), (step, exec, turn, *bodies))
        epoch = cast(int, answer)
        if epoch < 0:
            raise StreamLostError(f"{stream!r} is not in Redis")
        return epoch or None

    async def rebuild(self, stream: str, epoch: int, milestones: Sequence[Milestone]) -> bool:
        """Start the stream anew at a higher epoch with all its milestones, in order from `n` 1.

        Returns False, and does nothing, when it already is at that epoch or later. A rebuild that was
        interrupted is completed by appending the milestones again.
        """
        with redis_failures():
            renewed = bool(await self._renew(keys=_keys(stream), args=[epoch, int(time.time())]))
        if not renewed:
            return False
        for start in range(0, len(milestones), REBUILD_BATCH):
            batch = milestones[start : start + REBUILD_BATCH]
            await self.append_milestones(stream, batch, epoch_hint=epoch)
        return True

    async def seal(self, stream: str, ttl_s: int = SEALED_SECONDS) -> Cursor | None:
        """Refuse further text and let the stream expire; return its last cursor, None if it is gone.

        A new milestone, of a retry for example, opens it again.
        """
        with redis_failures():
            answer = await self._seal(keys=_keys(stream), args=[ttl_s])
        return Cursor(*answer) if answer else None

    async def trim(self, stream: str, last: Cursor) -> bool:
        """Remove the entries up to a cursor, which are archived; False, and nothing, in another epoch."""
        with redis_failures():
            return bool(await self._trim(keys=_keys(stream), args=[last.epoch, last.seq]))

    async def tell(self, stream: str, body: str, *, digest: str) -> Cursor:
        """Append a state that the next one replaces, unless it is the present one; return its place.

        A stream that is not there, or not any more, begins at an epoch of its own. The last thousand states
        of the last week stay; who comes back later asks for the present one.
        """
        now = int(time.time())
        args: list[str | int] = [now, now, body, digest, TOLD_KEPT, TOLD_SECONDS]
        with redis_failures():
            answer = await self._tell(keys=_keys(stream), args=args)
        return Cursor(*answer)

    async def server_id(self) -> str:
        """Return an id that changes when Redis has restarted and may have lost its last second."""
        return await server_id(self._redis)

    async def whole_since(self) -> str:
        """Return the id of the server under which all streams were last found or made whole; "" at first.

        Redis itself keeps it: whoever looks after the streams may have been away when Redis restarted.
        """
        with redis_failures():
            return str(await self._redis.hget(WHOLE_SINCE, "server") or "")

    async def are_whole(self, server: str) -> None:
        """Remember that no live stream has missed anything under this server."""
        with redis_failures():
            await self._redis.hset(WHOLE_SINCE, "server", server)


async def server_id(redis: Redis) -> str:
    """Return the run id of the Redis process."""
    with redis_failures():
        return str(await redis.register_script(scripts.SERVER_ID)())


def _keys(stream: str) -> list[str]:
    return [scripts.stream_key(stream), scripts.meta_key(stream)]
