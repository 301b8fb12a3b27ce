"""Background work that breaks begins again, and ends with its stack."""

import asyncio
from contextlib import AsyncExitStack

import structlog

from flowloom_servicekit.background import run_beside
from flowloom_servicekit.testing.waiting import wait_until


async def test_work_that_breaks_is_told_and_begins_again() -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise KeyError("a fault of ours")
        await asyncio.Event().wait()

    with structlog.testing.capture_logs() as logs:
        async with AsyncExitStack() as stack:
            run_beside(stack, "reaper", work, pause_s=0)
            await wait_until(lambda: begun == 3)
    assert [(entry["work"], entry["log_level"]) for entry in logs] == [("reaper", "error")] * 2
    assert [type(entry["exc_info"]) for entry in logs] == [KeyError] * 2


async def test_work_ends_with_its_stack_and_may_end_before() -> None:
    ended: list[str] = []

    async def lasting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("lasting")

    async def short() -> None:
        ended.append("short")

    async with AsyncExitStack() as stack:
        run_beside(stack, "lasting", lasting)
        run_beside(stack, "short", short)
        await wait_until(lambda: ended == ["short"])
    assert ended == ["short", "lasting"]
