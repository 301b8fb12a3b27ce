"""Runs a module of ours over bytes of strangers, in a process that has little and can be killed."""

import asyncio
import sys
from typing import Final

import orjson

from flowloom_agentkit.confinement import READ_SECONDS
from flowloom_agentkit.errors import ToolFailedError
from flowloom_contracts.base import JsonValue

MOST_BYTES: Final = 8_000_000
PIECE: Final = 256 * 1024
TOGETHER: Final = 2
_slots: Final[dict[int, asyncio.Semaphore]] = {}


async def run_confined(module: str, content: bytes, *, limit_s: float = READ_SECONDS) -> JsonValue:
    """Return the JSON that `python -m module` makes of its standard input.

    The module calls `confinement.confine` before it looks. Raises `ToolFailedError` when it takes too long or
    dies, which is how hostile content ends.
    """
    slots = _slots.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(TOGETHER))
    async with slots:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", module,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={}, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(limit_s):
                _, output = await asyncio.gather(_feed(process, content), _collected(process))
                code = await process.wait()
        except TimeoutError as error:
            raise ToolFailedError(f"reading took longer than {limit_s:g} s and was stopped") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if code != 0:
        raise ToolFailedError("the content made its reader stop: it is damaged or hostile")
    value: JsonValue = orjson.loads(output)
    return value


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(content)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it died first; its exit code tells


async def _collected(process: asyncio.subprocess.Process) -> bytes:
    output = bytearray()
    while process.stdout is not None and (piece := await process.stdout.read(PIECE)):
        output += piece
        if len(output) > MOST_BYTES:
            raise ToolFailedError("the content has more text than one page may have")
    return bytes(output)
