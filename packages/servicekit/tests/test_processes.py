"""Real child processes that flood, sleep, do not read or are cancelled: each is gone afterwards."""

import asyncio
import gc
import sys
import time

import psutil
import pytest

from flowloom_servicekit.processes import TooMuchOutputError, answered, end, started

FLOOD = "import sys\nwhile True:\n    sys.stdout.buffer.write(bytes(1 << 16))"
SLEEP = "import time\ntime.sleep(600)"
ECHO = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
DEAF = "import sys\nsys.stdout.write('no')\nsys.exit(3)"


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", program)


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [child for child in found if any(part in (FLOOD, SLEEP, ECHO, DEAF) for part in child.cmdline())]


async def ask(
    program: str, content: bytes = b"", *, limit_s: float = 60, most_bytes: int = 1 << 24
) -> object:
    return await answered(python(program), content, env={}, limit_s=limit_s, most_bytes=most_bytes)


async def test_returns_what_a_process_makes_of_its_input() -> None:
    content = b"ab" * 1_000_000
    assert await ask(ECHO, content) == (0, b"ba" * 1_000_000)


async def test_the_exit_code_tells_when_a_process_does_not_read() -> None:
    assert await ask(DEAF, bytes(8_000_000)) == (3, b"no")
    assert children() == []


async def test_a_process_that_says_too_much_is_ended() -> None:
    with pytest.raises(TooMuchOutputError):
        await ask(FLOOD, most_bytes=1_000_000)
    assert children() == []


@pytest.mark.parametrize("content", [b"", bytes(8_000_000)], ids=["nothing to read", "much to read"])
async def test_a_process_that_is_too_slow_is_ended(content: bytes) -> None:
    with pytest.raises(TimeoutError):
        await ask(SLEEP, content, limit_s=0.5)
    assert children() == []


async def test_output_that_nobody_read_does_not_keep_its_process() -> None:
    process = await started(*python(FLOOD), env={})
    assert process.stdout is not None
    await process.stdout.read(1)
    began = time.monotonic()
    await end(process)
    assert time.monotonic() - began < 10
    assert process.returncode == -9


@pytest.mark.parametrize("rounds", range(12))
async def test_a_start_that_is_cancelled_leaves_nothing(rounds: int) -> None:
    """Cancelled after so many rounds of the event loop: before, while and after the pipes are connected."""
    starting = asyncio.ensure_future(started(*python(SLEEP), env={}))
    for _ in range(rounds):
        await asyncio.sleep(0)
    if starting.done():
        await end(starting.result())
    else:
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    assert children() == []
    # What is left open says so here, and a warning is an error.
    del starting
    gc.collect()
