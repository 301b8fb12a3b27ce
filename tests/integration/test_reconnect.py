"""A reader that loses its connection again and again misses nothing and sees nothing twice."""

import asyncio
import random
from collections.abc import AsyncGenerator

import pytest
import socketio
from pydantic import TypeAdapter

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.events import RunEvent, RunEventList
from flowloom_contracts.runs import RunStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi, cursor_of
from tests.integration.stack import Stack

DISCONNECTS = 1000
READERS = 4
SOCKET_DISCONNECTS = 100
_EVENTS = TypeAdapter(list[RunEvent])


async def _read_with_breaks(api: PublicApi, run_id: str, *, breaks: int, seed: int) -> list[RunEvent]:
    """Read to the end, dropping the connection after one to four events so many times."""
    chance = random.Random(seed)
    events: list[RunEvent] = []
    cursor: str | None = None
    ended = False
    while not ended:
        budget = chance.randint(1, 4) if breaks > 0 else -1
        stream = api.stream(run_id, after=cursor)
        async for told, event in stream:
            cursor = told
            events.append(event)
            ended = event.type == "run.finished.v1"
            budget -= 1
            if budget == 0:
                break
        await stream.aclose()
        breaks -= 1
    assert breaks <= 0, f"{breaks} disconnects are left: the stream was too short"
    return events


@pytest.mark.timeout(180)
async def test_misses_nothing_over_a_thousand_disconnects(api: PublicApi, model: MockModel, key: str) -> None:
    rule = Rule(name=key, match=f"{key}/talk", mode="stream", tokens=1300, tokens_per_s=80)
    await model.script(rule)
    workflow = await api.save(documents.LONG_AGENT)
    run = await api.start(workflow.id, {"key": key})
    per_reader = DISCONNECTS // READERS
    read = await asyncio.gather(
        *(_read_with_breaks(api, run.id, breaks=per_reader, seed=seed) for seed in range(READERS))
    )
    history = await api.history(run.id, limit=100)
    invariants.is_dense(history)
    invariants.text_equals_output(history, await api.steps(run.id))
    assert history[-1].type == "run.finished.v1"
    for events in read:
        assert [cursor_of(event) for event in events] == [cursor_of(event) for event in history]
        assert events == history


class _Socket:
    """A browser's side of Socket.IO: connect, subscribe after a cursor, yield what comes."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._client = socketio.AsyncClient(reconnection=False)
        self._arrived: asyncio.Queue[RunEvent] = asyncio.Queue()
        self._client.on("event", self._take)

    async def _take(self, data: object) -> None:
        for event in _EVENTS.validate_python(data if isinstance(data, list) else [data]):
            self._arrived.put_nowait(event)

    async def follow(self, run_id: str, *, after: str | None) -> AsyncGenerator[RunEvent, None]:
        await self._client.connect(
            self._stack.url, auth={"token": self._stack.api_key}, transports=["websocket"]
        )
        wanted = {"stream": f"run:{run_id}"} | ({"after": after} if after else {"after": "0"})
        answer = await self._client.call("subscribe", wanted, timeout=10)
        assert answer["ok"], answer
        for event in _EVENTS.validate_python(answer.get("events") or []):
            yield event
        while True:
            yield await asyncio.wait_for(self._arrived.get(), 30)

    async def close(self) -> None:
        await self._client.disconnect()


@pytest.mark.timeout(180)
async def test_misses_nothing_when_a_socket_comes_and_goes(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    await model.script(Rule(name=key, match=f"{key}/talk", mode="stream", tokens=400, tokens_per_s=60))
    workflow = await api.save(documents.LONG_LLM)
    run = await api.start(workflow.id, {"key": key})
    chance = random.Random(7)
    events: list[RunEvent] = []
    disconnects = 0
    while not events or events[-1].type != "run.finished.v1":
        socket = _Socket(stack)
        wanted = chance.randint(1, 6)
        stream = socket.follow(run.id, after=cursor_of(events[-1]) if events else None)
        async for event in stream:
            events.append(event)
            wanted -= 1
            if event.type == "run.finished.v1" or (wanted <= 0 and disconnects < SOCKET_DISCONNECTS):
                break
        await stream.aclose()
        await socket.close()
        disconnects += 1
    assert disconnects >= SOCKET_DISCONNECTS / 2
    assert events == await api.history(run.id)


async def test_pages_of_history_follow_each_other_while_the_run_goes_on(
    api: PublicApi, model: MockModel, key: str
) -> None:
    await model.script(Rule(name=key, match=f"{key}/talk", mode="stream", tokens=60))
    workflow = await api.save(documents.LONG_LLM)
    run = await api.start(workflow.id, {"key": key})
    events: list[RunEvent] = []
    cursor = "0"
    while not events or events[-1].type != "run.finished.v1":
        params: dict[str, str | int] = {"after": cursor, "limit": 7, "wait": 5}
        answer = await api.http.get(f"/v1/runs/{run.id}/events", params=params)
        page = RunEventList.model_validate_json(answer.content)
        events.extend(page.items)
        cursor = cursor_of(events[-1]) if events else "0"
    assert events == await api.history(run.id)


async def test_snapshot_and_stream_join_without_a_seam(api: PublicApi, model: MockModel, key: str) -> None:
    await model.script(Rule(name=key, match=f"{key}/talk", mode="stream", tokens=200))
    workflow = await api.save(documents.LONG_AGENT)
    run = await api.start(workflow.id, {"key": key})
    async for _, event in api.stream(run.id):
        if event.type == "step.delta.v1" and event.seq > 10:
            break
    snapshot = await api.snapshot(run.id)
    assert snapshot.run.status is RunStatus.RUNNING
    rest = [event async for _, event in api.stream(run.id, after=snapshot.cursor)]
    text = snapshot.texts["talk"].channels["answer"]
    for event in rest:
        if event.type == "step.delta.v1":
            assert event.data.offset == len(text)
            text += event.data.text
    assert text == (await api.steps(run.id))["talk"].output
