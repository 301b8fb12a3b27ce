"""Probes that tell whether a process is ready, and the one loop that waits for them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from flowloom_cli.topology import HOST

Probe = Callable[[], Awaitable[bool]]

PROBE_LIMIT_S: Final = 2.0
PROBE_PAUSE_S: Final = 0.1


def answers_http(port: int, path: str, *, statuses: tuple[int, ...] = (200, 204)) -> Probe:
    """Ready when `GET path` on a loopback port answers one of `statuses`."""

    async def probe() -> bool:
        status = await http_status(port, path)
        return status in statuses

    return probe


def accepts_connections(port: int) -> Probe:
    """Ready when something listens on a loopback port."""

    async def probe() -> bool:
        _, writer = await asyncio.open_connection(HOST, port)
        writer.close()
        return True

    return probe


async def http_status(port: int, path: str) -> int:
    """Return the status of one plain GET; raises OSError when nobody listens.

    Hand-written because it runs some ten times a second while everything else starts.
    """
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        words = (await reader.readline()).split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    finally:
        writer.close()


async def is_ready(probe: Probe) -> bool:
    """Ask a probe once, with a limit; a refused or broken connection means not ready."""
    try:
        return await asyncio.wait_for(probe(), PROBE_LIMIT_S)
    except (OSError, TimeoutError, ValueError):
        return False


async def wait_ready(probe: Probe, *, limit_s: float) -> bool:
    """Ask until the probe says yes; False when `limit_s` seconds have passed."""
    deadline = asyncio.get_running_loop().time() + limit_s
    while not await is_ready(probe):
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(PROBE_PAUSE_S)
    return True
