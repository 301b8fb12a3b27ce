"""Following runs over Socket.IO, with the client that pages use."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import socketio

from flowloom_contracts.runs import RunStatus
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


class Page:
    """A browser's page: one socket, and what came over it."""

    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []
        self.problems: list[dict[str, object]] = []
        self.socket = socketio.AsyncClient(reconnection=False)
        self.socket.on("event", self._take)
        self.socket.on("problem", self.problems.append)

    def _take(self, given: dict[str, object] | list[dict[str, object]]) -> None:
        self.events += given if isinstance(given, list) else [given]

    async def call(self, name: str, message: object) -> dict[str, Any]:
        answer: dict[str, Any] = await self.socket.call(name, message, timeout=5)
        return answer

    @property
    def seqs(self) -> list[object]:
        return [event["seq"] for event in self.events]


Connect = Callable[[httpx.AsyncClient], Awaitable[Page]]


def _token(client: httpx.AsyncClient) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


@pytest.fixture
async def connect(listening: Server) -> AsyncIterator[Connect]:
    pages: list[Page] = []

    async def open_page(client: httpx.AsyncClient) -> Page:
        page = Page()
        pages.append(page)
        await page.socket.connect(listening.url, auth={"token": _token(client)}, transports=["websocket"])
        return page

    yield open_page
    for page in pages:
        await page.socket.disconnect()


async def _run(owner: httpx.AsyncClient, gateway: FakeGateway) -> str:
    made = await owner.post("/v1/workflows", json={"source": GOOD})
    workflow_id = made.json().get("id") or (await owner.get("/v1/workflows")).json()["items"][0]["id"]
    run_id: str = (await owner.post(f"/v1/workflows/{workflow_id}/runs", json={})).json()["id"]
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    return run_id


async def test_follows_a_run_from_a_cursor_to_its_end(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    page = await connect(owner)
    answer = await page.call("subscribe", {"stream": f"run:{run_id}", "after": "0"})
    assert (answer["ok"], answer["cursor"], answer["truncated"]) == (True, "1:1", False)
    assert [event["type"] for event in answer["events"]] == ["run.started.v1"]
    for word in ("one", "two"):
        await gateway.runs.say(run_id, word)
    await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    await wait_until(lambda: len(page.events) == 3)
    assert page.seqs == [2, 3, 4]
    await wait_until(lambda: gateway.app.state.sockets.open_streams == 0)


async def test_follows_a_run_that_was_set_going_again_after_its_end(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    end = await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.FAILED)
    await gateway.runs.seal(run_id)
    page = await connect(owner)
    await page.call("subscribe", {"stream": f"run:{run_id}", "after": str(end)})
    assert gateway.app.state.sockets.open_streams == 0
    gateway.runs.retry(run_id)
    await page.call("subscribe", {"stream": f"run:{run_id}", "after": str(end)})
    assert gateway.app.state.sockets.open_streams == 1
    await gateway.runs.rebuild(run_id)
    gateway.clock.advance(5)
    await wait_until(lambda: [event["type"] for event in page.events] == ["stream.resync.v1"])
    await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    await wait_until(lambda: page.events[-1]["type"] == "run.finished.v1")


async def test_begins_with_a_snapshot_when_no_cursor_is_given(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    await gateway.runs.say(run_id, "before")
    page = await connect(owner)
    answer = await page.call("subscribe", {"stream": f"run:{run_id}"})
    assert answer["cursor"] == "1:2"
    assert answer["snapshot"]["run"]["id"] == run_id
    await gateway.runs.say(run_id, "after")
    await wait_until(lambda: page.seqs == [3])


async def test_reads_across_the_archive_and_the_live_stream(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    for number in range(9):
        await gateway.runs.say(run_id, str(number))
    await gateway.runs.shorten(run_id, 6)
    page = await connect(owner)
    answer = await page.call("subscribe", {"stream": f"run:{run_id}", "after": "1:2"})
    assert (answer["ok"], answer["cursor"], answer["truncated"]) == (True, "1:2", True)
    await wait_until(lambda: page.seqs == [*range(3, 11)])
    await gateway.runs.say(run_id, "live")
    await wait_until(lambda: page.seqs == [*range(3, 12)])


async def test_answers_before_the_first_event(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    for number in range(700):
        await gateway.runs.say(run_id, str(number))
    page = await connect(owner)
    answer = await page.call("subscribe", {"stream": f"run:{run_id}", "after": "1:1"})
    known = [event["seq"] for event in answer["events"]]
    assert answer["truncated"] is True
    await wait_until(lambda: len(known) + len(page.events) == 700)
    assert known + page.seqs == list(range(2, 702))


async def test_sends_only_the_head_when_asked_to(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    page = await connect(owner)
    await page.call("subscribe", {"stream": f"run:{run_id}", "after": "1:1", "mode": "head"})
    await gateway.runs.say(run_id, "a long text")
    await wait_until(lambda: bool(page.events))
    assert (page.events[0]["type"], page.events[0]["data"]) == ("stream.head.v1", {"cursor": "1:2"})


async def test_stops_when_unsubscribed(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    page = await connect(owner)
    await page.call("subscribe", {"stream": f"run:{run_id}", "after": "0"})
    assert gateway.app.state.sockets.open_streams == 1
    assert await page.call("unsubscribe", {"stream": f"run:{run_id}"}) == {"ok": True}
    assert gateway.app.state.sockets.open_streams == 0


async def test_frees_everything_when_the_page_is_closed(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    run_id = await _run(owner, gateway)
    page = await connect(owner)
    await page.call("subscribe", {"stream": f"run:{run_id}", "after": "0"})
    await page.socket.disconnect()
    await wait_until(lambda: gateway.app.state.sockets.open_streams == 0)
    await wait_until(lambda: gateway.connections.count == 0)


async def test_keeps_the_streams_of_two_runs_apart(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    runs = [await _run(owner, gateway) for _ in range(2)]
    pages = [await connect(owner) for _ in range(2)]
    for page, run_id in zip(pages, runs, strict=True):
        await page.call("subscribe", {"stream": f"run:{run_id}", "after": "1:1"})
    for number in range(20):
        await gateway.runs.say(runs[number % 2], str(number))
    for page, run_id in zip(pages, runs, strict=True):
        await wait_until(lambda page=page: len(page.events) == 10)
        assert {event["run_id"] for event in page.events} == {run_id}


@pytest.mark.parametrize(
    "message",
    [
        None,
        "run",
        {},
        {"stream": 1},
        {"stream": "chat:1"},
        {"stream": "run:x"},
        {"stream": "user:x"},
        {"stream": "theirs"},
        {"stream": "theirs", "after": "x"},
        {"stream": "theirs", "odd": 1},
    ],
)
async def test_refuses_what_is_not_a_stream_of_ours(
    gateway: FakeGateway, owner: httpx.AsyncClient, as_member: AsMember, connect: Connect, *, message: object
) -> None:
    run_id = await _run(owner, gateway)
    if isinstance(message, dict) and message.get("stream") == "theirs":
        message = {**message, "stream": f"run:{run_id}"}
    other = await as_member("bob@example.org", Role.OWNER)
    page = await connect(other)
    answer = await page.call("subscribe", message)
    assert answer["ok"] is False
    assert answer["problem"]["status"] in {404, 422}
    assert gateway.app.state.sockets.open_streams == 0


@pytest.mark.parametrize("auth", [None, {}, {"token": "x"}, {"token": 1}, {"token": "flk_x"}])
async def test_refuses_to_connect_without_credentials(listening: Server, auth: object) -> None:
    page = Page()
    refusals: list[dict[str, Any]] = []
    page.socket.on("connect_error", refusals.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await page.socket.connect(listening.url, auth=auth, transports=["websocket"])
    await page.socket.disconnect()
    assert refusals[0]["data"]["status"] == 401


async def test_refuses_a_foreign_page(listening: Server, owner: httpx.AsyncClient) -> None:
    page = Page()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await page.socket.connect(
            listening.url,
            headers={"origin": "https://evil.example"},
            auth={"token": _token(owner)},
            transports=["websocket"],
        )
    await page.socket.disconnect()


async def test_hangs_up_when_the_token_ends_and_not_when_renewed(
    gateway: FakeGateway, owner: httpx.AsyncClient, connect: Connect
) -> None:
    kept, lapsed = await connect(owner), await connect(owner)
    gateway.clock.advance(200)
    login = {"email": "ada@example.org", "password": "a long enough password"}
    token = (await owner.post("/v1/auth/login", json=login)).json()["access_token"]
    assert await kept.call("renew", {"token": token}) == {"ok": True}
    assert (await kept.call("renew", {"token": "x"}))["ok"] is False
    await wait_until(lambda: gateway.clock.sleepers > 0)
    gateway.clock.advance(100)
    await wait_until(lambda: not lapsed.socket.connected)
    assert lapsed.problems
    assert kept.socket.connected


async def test_refuses_to_renew_as_somebody_else(
    owner: httpx.AsyncClient, as_member: AsMember, connect: Connect
) -> None:
    page = await connect(owner)
    other = await as_member("bob@example.org", Role.OWNER)
    answer = await page.call("renew", {"token": _token(other)})
    assert answer["ok"] is False


async def test_ends_subscriptions_when_a_key_is_revoked(
    gateway: FakeGateway, owner: httpx.AsyncClient, listening: Server
) -> None:
    made = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["runs:read"]})).json()
    page = Page()
    await page.socket.connect(listening.url, auth={"token": made["key"]}, transports=["websocket"])
    run_id = await _run(owner, gateway)
    assert (await page.call("subscribe", {"stream": f"run:{run_id}"}))["ok"] is True
    await owner.delete(f"/v1/api-keys/{made['id']}")
    await wait_until(lambda: gateway.clock.sleepers > 0)
    gateway.clock.advance(1)
    await wait_until(lambda: not page.socket.connected)
    assert gateway.app.state.sockets.open_streams == 0
    await page.socket.disconnect()
