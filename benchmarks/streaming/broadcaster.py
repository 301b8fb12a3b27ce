"""A bare server of `websockets` that sends one text to everybody, as `python -m` of this module."""

import argparse
import asyncio
from typing import Final

from websockets.asyncio.server import ServerConnection, broadcast, serve

PATH: Final = "/v1/ws"


async def main() -> None:
    """Serve until the process is ended; the text is as long as an event of a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--per-second", type=float, required=True)
    parser.add_argument("--bytes", type=int, required=True)
    options = parser.parse_args()
    sockets: set[ServerConnection] = set()

    async def keep(socket: ServerConnection) -> None:
        sockets.add(socket)
        try:
            await socket.wait_closed()
        finally:
            sockets.discard(socket)

    loop = asyncio.get_running_loop()
    async with serve(keep, "127.0.0.1", options.port, compression=None, ping_interval=None):
        due = loop.time()
        while True:
            due += 1 / options.per_second
            await asyncio.sleep(max(0.0, due - loop.time()))
            broadcast(sockets, "x" * options.bytes)


if __name__ == "__main__":
    asyncio.run(main())
