"""A person's own stream: what waits for them, over a socket, with the cursors of all streams."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import socketio

from flowloom_contracts.notices import Notice
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.streams.writer import TOLD_KEPT
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Role
from gateway.live.persons import ASK_EVERY, NOTICE_SECONDS
from gateway.testing.gateway import AsMember, FakeGateway, Server


class Bell:
    """A page that follows its person's own stream."""

    def __init__(self, user_id: str) -> None:
        self.stream = f"user:{user_id}"
        self.events: list[dict[str, Any]] = []
        self.socket = socketio.AsyncClient(reconnection=False)
        self.socket.on("event", self._take)

    def _take(self, given: dict[str, Any] | list[dict[str, Any]]) -> None:
        self.events += given if isinstance(given, list) else [given]

    async def subscribe(self, **message: object) -> dict[str, Any]:
        wish = {"stream": self.stream, **message}
        answer: dict[str, Any] = await self.socket.call("subscribe", wish, timeout=5)
        return answer


Open = Callable[[httpx.AsyncClient], Awaitable[Bell]]


@pytest.fixture
async def open_bell(listening: Server) -> AsyncIterator[Open]:
    bells: list[Bell] = []

    async def opened(client: httpx.AsyncClient) -> Bell:
        bell = Bell((await client.get("/v1/me")).json()["user"]["id"])
        bells.append(bell)
        token = client.headers["authorization"].removeprefix("Bearer ")
        await bell.socket.connect(listening.url, auth={"token": token}, transports=["websocket"])
        return bell

    yield opened
    for bell in bells:
        await bell.socket.disconnect()


async def _tell(gateway: FakeGateway, client: httpx.AsyncClient, title: str = "brief") -> None:
    workspace_id = (await client.get("/v1/me")).json()["workspace"]["id"]
    notice = Notice(
        id=new_id(),
        kind="approval_requested",
        workspace_id=workspace_id,
        title=title,
        details={"message": title},
        at=gateway.clock.now(),
    )
    await gateway.opened.board.post(notice)


async def _look(gateway: FakeGateway, times: int = 1) -> None:
    for _ in range(times):
        await gateway.persons.look_around()


async def test_tells_what_waits_and_what_changes(
    gateway: FakeGateway, owner: httpx.AsyncClient, open_bell: Open
) -> None:
    await _tell(gateway, owner)
    bell = await open_bell(owner)
    answer = await bell.subscribe()
    snapshot = answer["snapshot"]
    assert (answer["ok"], snapshot["unread"], snapshot["approvals"]) == (True, 1, 0)
    assert snapshot["agents"] == {"idle": 0, "busy": 0, "unwell": 4}
    await _tell(gateway, owner, "second")
    await _look(gateway)
    await wait_until(lambda: len(bell.events) == 1)
    event = bell.events[0]
    assert (event["stream"], event["type"], event["data"]["unread"]) == (bell.stream, "person.changed.v1", 2)
    assert "second" in event["data"]["newest"][0]["title"] and "run_id" not in event
    epoch, seq = map(int, answer["cursor"].split(":"))
    assert (event["epoch"], event["seq"]) == (epoch, seq + 1)
    assert (await owner.post("/v1/notifications/read", json={})).json() == {"unread": 0}
    await _look(gateway)
    await wait_until(lambda: len(bell.events) == 2)
    assert (bell.events[1]["data"]["unread"], bell.events[1]["data"]["newest"]) == (0, [])


async def test_tells_nothing_twice_and_asks_others_now_and_then(
    gateway: FakeGateway, owner: httpx.AsyncClient, open_bell: Open
) -> None:
    bell = await open_bell(owner)
    assert (await bell.subscribe())["snapshot"]["approvals"] == 0
    await wait_until(lambda: bool(gateway.persons._watched))
    workspace_id = (await owner.get("/v1/me")).json()["workspace"]["id"]
    gateway.approvals.put(workspace_id)
    await _look(gateway, 2 * ASK_EVERY)
    await wait_until(lambda: len(bell.events) == 1)
    assert bell.events[0]["data"]["approvals"] == 1
    assert len(bell.events) == 1


async def test_goes_on_from_a_cursor(gateway: FakeGateway, owner: httpx.AsyncClient, open_bell: Open) -> None:
    bell = await open_bell(owner)
    before = (await bell.subscribe())["cursor"]
    await bell.socket.disconnect()
    for number in range(3):
        await _tell(gateway, owner, str(number))
    back = await open_bell(owner)
    missed = await back.subscribe(after=before)
    # Nobody looked meanwhile: what waits now is one state, which replaces those between.
    assert [event["data"]["unread"] for event in missed["events"]] == [3]
    assert {event["stream"] for event in missed["events"]} == {back.stream}
    again = await back.subscribe(after=missed["cursor"])
    assert (again["events"], again["truncated"]) == ([], False)


@pytest.mark.parametrize("after", ["0", "7:3", "999999999999:1"])
async def test_gives_how_things_are_for_a_cursor_that_leads_nowhere(
    after: str, gateway: FakeGateway, owner: httpx.AsyncClient, open_bell: Open
) -> None:
    bell = await open_bell(owner)
    answer = await bell.subscribe(after=after)
    assert (answer["ok"], answer["snapshot"]["unread"]) == (True, 0)


async def test_begins_again_when_redis_has_lost_it(
    gateway: FakeGateway, owner: httpx.AsyncClient, open_bell: Open
) -> None:
    bell = await open_bell(owner)
    await bell.subscribe()
    await wait_until(lambda: bool(gateway.persons._watched))
    workspace_id = (await owner.get("/v1/me")).json()["workspace"]["id"]
    gateway.streams.lose(f"{bell.stream}@{workspace_id}")
    gateway.streams.restart()
    await wait_until(lambda: [event["type"] for event in bell.events] == ["stream.resync.v1"])
    assert bell.events[0]["data"]["snapshot"]["unread"] == 0
    await _tell(gateway, owner)
    await _look(gateway)
    await wait_until(lambda: bell.events[-1]["type"] == "person.changed.v1")
    assert bell.events[-1]["data"]["unread"] == 1


async def test_is_shown_to_its_person_alone(
    gateway: FakeGateway, owner: httpx.AsyncClient, as_member: AsMember, open_bell: Open
) -> None:
    bob = await as_member("bob@example.org", Role.OWNER)
    bell, foreign = await open_bell(owner), await open_bell(bob)
    for stream in (bell.stream, "user:", f"{foreign.stream}@{new_id()}"):
        refused = await foreign.subscribe(stream=stream)
        assert (refused["ok"], refused["problem"]["status"]) == (False, 404)
    await foreign.subscribe()
    await _tell(gateway, owner)
    await _look(gateway, ASK_EVERY)
    assert foreign.events == []
    assert (await foreign.subscribe())["snapshot"]["unread"] == 0


async def test_keeps_the_last_states_of_a_stream_only(gateway: FakeGateway) -> None:
    for number in range(TOLD_KEPT + 5):
        cursor = await gateway.streams.tell("user:u@w", '{"type":"person.changed.v1"}', digest=str(number))
    page = await gateway.streams.read("user:u@w", cursor)
    assert page is not None and page.head.seq == TOLD_KEPT + 5
    assert await gateway.streams.lengths(["user:u@w"]) == [TOLD_KEPT]


async def test_looks_once_a_second(gateway: FakeGateway, owner: httpx.AsyncClient, open_bell: Open) -> None:
    bell = await open_bell(owner)
    await bell.subscribe()
    await _tell(gateway, owner)
    gateway.clock.advance(NOTICE_SECONDS)
    await wait_until(lambda: bool(bell.events))
    await bell.socket.disconnect()
    await wait_until(lambda: not gateway.persons._watched)
