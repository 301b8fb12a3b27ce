"""Waits out a part of our own platform that is away, so that its restart fails no step."""

import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.errors import RemoteProblemError, UpstreamError

FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 5.0
GIVE_UP_AFTER_S: Final = 300.0

T = TypeVar("T")


async def until_available(
    call: Callable[[], Awaitable[T]], *, stop: StopSignal | None = None, clock: Clock | None = None
) -> T:
    """Repeat an idempotent call until the platform answers, for at most five minutes.

    Refusals are raised at once. Raises `CallStoppedError` when the work is stopped while it waits.
    """
    clock = clock or SystemClock()
    wait, give_up = FIRST_WAIT_S, clock.monotonic() + GIVE_UP_AFTER_S
    while True:
        if stop is not None:
            stop.raise_if_stopped()
        try:
            return await call()
        except UpstreamError as error:
            refused = isinstance(error, RemoteProblemError) and error.remote_status < 500
            if refused or clock.monotonic() >= give_up:
                raise
        await clock.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
        wait = min(wait * 2, LONGEST_WAIT_S)
