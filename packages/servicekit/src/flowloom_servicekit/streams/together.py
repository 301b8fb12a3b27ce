"""Runs one script for many callers: what is wanted at the same moment travels in one round trip."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from flowloom_servicekit.redis_client import OUTAGES, redis_failures

# While many call, each call waits this long at most for others to travel with; a lone caller never waits.
PACE_SECONDS: Final = 0.003
MAX_TOGETHER: Final = 128


class _Call:
    """One caller's keys and arguments, and the answer it waits for."""

    __slots__ = ("answer", "command")

    def __init__(self, command: tuple[str | int, ...]) -> None:
        self.command = command
        self.answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()


class SharedScript:
    """A script whose calls of one process share pipelines; each caller gets its own answer or failure."""

    def __init__(self, redis: Redis, script: str) -> None:
        self._redis = redis
        self._execute: Callable[..., Awaitable[object]] = redis.execute_command
        self._script = script
        # Redis names a script by the SHA-1 of its text.
        self._sha = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._waiting: list[_Call] = []
        self._carrier: asyncio.Task[None] | None = None

    async def __call__(self, keys: Sequence[str], args: Sequence[str | int]) -> object:
        """Return what the script answers; raises as `redis_failures` translates."""
        call = _Call(("EVALSHA", self._sha, len(keys), *keys, *args))
        self._waiting.append(call)
        if self._carrier is None or self._carrier.done():
            self._carrier = asyncio.create_task(self._carry_all(), name="shared-script")
        with redis_failures():
            return await call.answer

    async def _carry_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            began = loop.time()
            calls, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
            await self._carry(calls)
            if len(calls) > 1:
                await asyncio.sleep(began + PACE_SECONDS - loop.time())

    async def _carry(self, calls: list[_Call]) -> None:
        answers: list[object] = [asyncio.CancelledError()] * len(calls)
        try:
            answers = await self._sent(calls)
            unknown = [place for place, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            if unknown:
                await self._redis.script_load(self._script)
                again = await self._sent([calls[place] for place in unknown])
                for place, answer in zip(unknown, again, strict=True):
                    answers[place] = answer
        except (RedisError, *OUTAGES) as error:
            answers = [error for _ in calls]
        finally:
            for call, answer in zip(calls, answers, strict=True):
                _give(call.answer, answer)

    async def _sent(self, calls: list[_Call]) -> list[object]:
        if len(calls) == 1:
            try:
                return [await self._execute(*calls[0].command)]
            except NoScriptError as error:
                return [error]
        async with self._redis.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.execute_command(*call.command)
            answers: list[object] = await pipe.execute(raise_on_error=False)
        return answers


def _give(future: "asyncio.Future[object]", answer: object) -> None:
    # A caller that was cancelled waits no longer.
    if future.done():
        return
    if isinstance(answer, asyncio.CancelledError):
        future.cancel()
    elif isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
