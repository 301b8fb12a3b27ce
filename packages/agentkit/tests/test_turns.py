"""Processes that read what strangers wrote share one line, whichever of the two ways they are asked."""

import asyncio
from collections.abc import Mapping

import pytest

from flowloom_agentkit import confined, sealed, turns
from flowloom_agentkit.confined import run_confined
from flowloom_agentkit.sealed import ask_sealed


async def test_no_more_than_two_at_a_time_of_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    running: set[int] = set()
    most = 0

    async def answered(
        command: tuple[str, ...], content: bytes, *, env: Mapping[str, str], limit_s: float, most_bytes: int
    ) -> tuple[int, bytes]:
        nonlocal most
        running.add(me := id(asyncio.current_task()))
        most = max(most, len(running))
        for _ in range(3):
            await asyncio.sleep(0)
        running.discard(me)
        return 0, b"{}"

    for module in (confined, sealed):
        monkeypatch.setattr(module, "answered", answered)
    await asyncio.gather(
        *(run_confined("a.reader", b"") for _ in range(4)),
        *(ask_sealed("a.worker", {}, b"") for _ in range(4)),
    )
    assert most == turns.TOGETHER


def test_each_event_loop_has_a_line_of_its_own() -> None:
    async def held_twice() -> None:
        async with turns.turn(), turns.turn():
            pass

    for _ in range(3):
        asyncio.run(held_twice())
