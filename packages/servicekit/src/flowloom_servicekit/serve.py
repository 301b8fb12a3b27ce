"""Serve an application as every service is served: `python -m flowloom_servicekit.serve gateway.main:app`."""

import argparse
import asyncio
import gc
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Final, TypedDict

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from flowloom_servicekit.http_protocol import BoundedHttpProtocol
from flowloom_servicekit.socket_protocol import LettingGoProtocol

YOUNG_OBJECTS: Final = 10_000
"""Net new objects between two looks for cycles; Python's own 700 are fewer than a few requests hold."""


TICK_SECONDS: Final = 1.0
"""How often the date that every answer bears is written anew, as in uvicorn."""


class ServerOptions(TypedDict):
    """What does not depend on the place."""

    http: type[BoundedHttpProtocol]
    ws: type[LettingGoProtocol]
    proxy_headers: bool
    server_header: bool
    access_log: bool
    timeout_keep_alive: int
    timeout_graceful_shutdown: int


OPTIONS: Final[ServerOptions] = {
    "http": BoundedHttpProtocol,
    "ws": LettingGoProtocol,
    # Who the caller is, only the edge may say, and it proves itself (gateway.through_edge).
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    # Longer than a sidecar keeps an idle connection, or it would send on one that was just closed.
    "timeout_keep_alive": 95,
    "timeout_graceful_shutdown": 4,
}


class SettledServer(uvicorn.Server):
    """A server whose process looks for cycles in what requests make, and not in what it has started with.

    Hundreds of thousands of objects, of modules and routes, stay to the end: each full collection would go
    through all of them, which holds up everybody, and as often as a few requests make objects.

    It is woken when it is told to end, and once a second for the date of its answers, instead of ten times.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_end = asyncio.Event()

    async def main_loop(self) -> None:
        """See `uvicorn.Server.main_loop`: what runs between the start and the end."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._told_to_end.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See `uvicorn.Server.handle_exit`: called as a signal comes, between any two instructions."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told_to_end.set)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="flowloom_servicekit.serve")
    parser.add_argument("app", help="module:attribute of the application")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args(arguments)
    config = uvicorn.Config(given.app, host=given.host, port=given.port, log_level="warning", **OPTIONS)
    config.load_app()  # before signals are caught: who ends a process that imports need not wait for it
    server = SettledServer(config)
    try:
        server.run()
    except KeyboardInterrupt:
        return
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
