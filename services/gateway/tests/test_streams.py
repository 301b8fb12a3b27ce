"""Following a run over a real socket: server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from flowloom_contracts.events import run_stream
from flowloom_contracts.runs import Run, RunStatus
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway, Server

GOOD = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: hello}
steps:
  greet:
    transform: "${'hello'}"
"""


@dataclass
class Event:
    id: str
    type: str
    data: dict[str, Any]


@asynccontextmanager
async def _open(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[httpx.Response, AsyncIterator[Event]]]:
    sent = {"authorization": client.headers["authorization"], **(headers or {})}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=10) as reader,
        reader.stream("GET", url, headers=sent) as answer,
    ):
        yield answer, _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
            fields = {}


async def _run(owner: httpx.AsyncClient, gateway: FakeGateway) -> str:
    made = await owner.post("/v1/workflows", json={"source": GOOD})
    started = await owner.post(f"/v1/workflows/{made.json()['id']}/runs", json={})
    run_id: str = started.json()["id"]
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    return run_id


async def test_streams_a_run_from_its_first_event_to_its_end(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    seen: list[Event] = []
    async with _open(owner, f"{listening.url}/v1/runs/{run_id}/stream") as (answer, events):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        seen.append(await anext(events))
        for word in ("one", "two"):
            await gateway.runs.say(run_id, word)
            seen.append(await anext(events))
        await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
        seen += [event async for event in events]
    assert [event.id for event in seen] == ["1:1", "1:2", "1:3", "1:4"]
    assert [event.type for event in seen][-1] == "run.finished.v1"
    assert [event.data["seq"] for event in seen] == [1, 2, 3, 4]
    assert gateway.connections.count == 0


async def test_follows_a_run_without_asking_for_it_when_it_was_just_started_here(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    begun = (await owner.get(f"/v1/runs/{run_id}")).json()
    gateway.runs.new[run_id] = Run.model_validate(begun)
    await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    gateway.runs.asked_for.clear()
    url = f"{listening.url}/v1/runs/{run_id}/stream"
    async with _open(owner, url) as (_, events):
        assert [event.id async for event in events] == ["1:1", "1:2"]
    assert gateway.runs.asked_for == []
    async with _open(owner, f"{url}?after=1:1") as (_, events):
        assert [event.id async for event in events] == ["1:2"]
    assert gateway.runs.asked_for[0] == run_id


async def test_resumes_behind_the_last_event(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    for word in ("one", "two", "three"):
        await gateway.runs.say(run_id, word)
    await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    url = f"{listening.url}/v1/runs/{run_id}/stream"
    async with _open(owner, f"{url}?after=1:1", headers={"last-event-id": "1:3"}) as (_, events):
        assert [event.id async for event in events] == ["1:4", "1:5"]
    async with _open(owner, f"{url}?after=1:4") as (_, events):
        assert [event.id async for event in events] == ["1:5"]


async def test_misses_nothing_across_many_broken_connections(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    url = f"{listening.url}/v1/runs/{run_id}/stream"
    words = 200
    seen: list[int] = []

    async def talk() -> None:
        for number in range(words):
            await gateway.runs.say(run_id, str(number))
            await asyncio.sleep(0)
        await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)

    talking = asyncio.create_task(talk())
    cursor = "0"
    while len(seen) < words + 2:
        async with _open(owner, f"{url}?after={cursor}") as (_, events):
            for _ in range(10):
                event = await anext(events, None)
                if event is None:
                    break
                cursor = event.id
                seen.append(int(str(event.data["seq"])))
    await talking
    assert seen == list(range(1, words + 3))


async def test_says_not_to_come_back_when_nothing_follows(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    run_id = await _run(owner, gateway)
    end = await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    await gateway.streams.seal(run_stream(run_id))
    answer = await owner.get(f"/v1/runs/{run_id}/stream", params={"after": str(end)})
    await gateway.runs.archive(run_id)
    archived = await owner.get(f"/v1/runs/{run_id}/stream", params={"after": str(end)})
    assert [answer.status_code, archived.status_code] == [204, 204]


async def test_serves_the_archive_when_the_stream_is_gone(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    run_id = await _run(owner, gateway)
    await gateway.runs.say(run_id, "one")
    await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    await gateway.runs.archive(run_id)
    answer = await owner.get(f"/v1/runs/{run_id}/stream")
    ids = [line for line in answer.text.splitlines() if line.startswith("id: ")]
    assert ids == ["id: 1:1", "id: 1:2", "id: 1:3"]


async def test_reads_across_the_archive_and_the_live_stream(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    for number in range(9):
        await gateway.runs.say(run_id, str(number))
    await gateway.runs.shorten(run_id, 6)
    async with _open(owner, f"{listening.url}/v1/runs/{run_id}/stream") as (_, events):
        assert [(await anext(events)).id for _ in range(10)] == [f"1:{seq}" for seq in range(1, 11)]
        await gateway.runs.say(run_id, "live")
        last = await anext(events)
        assert (last.id, last.type) == ("1:11", "step.delta.v1")
    page = await owner.get(f"/v1/runs/{run_id}/events", params={"after": "1:4", "wait": 1})
    assert [event["seq"] for event in page.json()["items"]] == [*range(5, 12)]


async def test_starts_again_from_a_snapshot_in_a_new_epoch(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    await gateway.runs.say(run_id, "lost")
    await gateway.runs.rebuild(run_id)
    async with _open(owner, f"{listening.url}/v1/runs/{run_id}/stream?after=1:2") as (_, events):
        resync = await anext(events)
        assert (resync.type, resync.id) == ("stream.resync.v1", "2:1")
        assert resync.data["data"]["snapshot"]["run"]["id"] == run_id
        await gateway.runs.say(run_id, "again")
        assert (await anext(events)).id == "2:2"


async def test_frees_everything_when_the_client_goes(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    run_id = await _run(owner, gateway)
    async with _open(owner, f"{listening.url}/v1/runs/{run_id}/stream") as (_, events):
        await anext(events)
        assert gateway.connections.count == 1
    await wait_until(lambda: gateway.connections.count == 0)


async def test_ends_when_the_session_ends(gateway: FakeGateway, owner: httpx.AsyncClient, listening) -> None:
    run_id = await _run(owner, gateway)
    async with _open(owner, f"{listening.url}/v1/runs/{run_id}/stream") as (_, events):
        await anext(events)
        await owner.post(
            "/v1/auth/logout", headers={"x-flowloom-csrf": "1", "origin": gateway.settings.public_url}
        )
        gateway.clock.advance(1)
        assert [event async for event in events] == []


@pytest.mark.parametrize("cursor", ["x", "1", "1:", "-1:2", "1:2:3", "\u0661:1"])
async def test_refuses_a_cursor_of_another_form(
    gateway: FakeGateway, owner: httpx.AsyncClient, cursor: str
) -> None:
    run_id = await _run(owner, gateway)
    answer = await owner.get(f"/v1/runs/{run_id}/stream", params={"after": cursor})
    assert answer.status_code == 422


async def test_does_not_stream_to_another_workspace(
    gateway: FakeGateway, owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    run_id = await _run(owner, gateway)
    other = await as_member("bob@example.org", Role.OWNER)
    assert (await other.get(f"/v1/runs/{run_id}/stream")).status_code == 404
