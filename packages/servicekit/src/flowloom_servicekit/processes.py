"""Child processes that are gone afterwards, whether or not somebody reads what they say."""

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from typing import Final, cast

READER_BYTES: Final = 64 * 1024
PIECE: Final = 256 * 1024
PIPES_CLOSE_S: Final = 10.0


class TooMuchOutputError(Exception):
    """A process says more than it may."""


async def started(
    *command: str,
    env: Mapping[str, str],
    stderr: int | None = None,
    cwd: str | None = None,
    limit: int = READER_BYTES,
) -> Process:
    """Start a process in a session of its own, its input and output pipes of ours; raises OSError."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=stderr,
        cwd=cwd,
        env=env,
        start_new_session=True,
        limit=limit,
    )


async def end(process: Process) -> None:
    """Kill a process that still runs and wait until it is gone and its pipes are closed.

    `Process.wait` alone waits for ever when there is output that nobody reads.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself meanwhile
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    # What it has started itself may hold its pipes.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PIPES_CLOSE_S):
            await process.communicate()


async def answered(
    command: tuple[str, ...], content: bytes, *, env: Mapping[str, str], limit_s: float, most_bytes: int
) -> tuple[int, bytes]:
    """Feed a process, and return its exit code and what it wrote on its standard output.

    It is gone when this returns or raises: `TimeoutError` after `limit_s` seconds, `TooMuchOutputError` when
    it writes more than `most_bytes`.
    """
    process = await started(*command, env=env, stderr=DEVNULL)
    feeding = asyncio.create_task(_feed(cast("asyncio.StreamWriter", process.stdin), content))
    try:
        async with asyncio.timeout(limit_s):
            output = await _collected(cast("asyncio.StreamReader", process.stdout), most_bytes)
            return await process.wait(), output
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await end(process)


async def _feed(standard_input: asyncio.StreamWriter, content: bytes) -> None:
    # When it ends first, its exit code tells.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        standard_input.write(content)
        await standard_input.drain()
        standard_input.close()
        await standard_input.wait_closed()


async def _collected(output: asyncio.StreamReader, most_bytes: int) -> bytes:
    collected = bytearray()
    while piece := await output.read(PIECE):
        collected += piece
        if len(collected) > most_bytes:
            raise TooMuchOutputError
    return bytes(collected)
