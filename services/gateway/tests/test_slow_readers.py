"""What happens to those who read too slowly."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import pytest

from flowloom_servicekit.errors import NotFoundError
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.testing.clock import FakeClock
from gateway.domain.permissions import Role
from gateway.domain.principals import Principal
from gateway.live import outbox, sse
from gateway.live.connections import Connections
from gateway.live.outbox import SlowSocketError, SocketOutbox
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.sharing import InMemorySharing
from gateway.usecases.sharing import SharingBook

WHO = Principal(user_id="u", workspace_id="w", role=Role.OWNER, permissions=frozenset())

NOTHING_SHARED = SharingBook(InMemorySharing(), FakeClock())


def _frame(seq: int) -> Frame:
    return Frame("run:1", Cursor(1, seq), '{"type":"step.delta.v1"}')


@dataclass
class _Transport:
    """The part of the transport that an outbox uses: a queue that somebody drains, or nobody."""

    queue: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)


class _Server:
    """A Socket.IO server with one socket."""

    def __init__(self) -> None:
        self.transport = _Transport()
        self.sockets = {"e1": self.transport}
        self.eio = self
        self.manager = self

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str:
        return "e1"

    async def send(self, eio_sid: str, packet: str) -> None:
        await self.transport.queue.put(packet)


async def test_gives_up_on_a_socket_that_does_not_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "DROP_SECONDS", 0.05)
    box = SocketOutbox(_Server(), "s1", head_only=False, clock=FakeClock())
    with pytest.raises(SlowSocketError):
        await box.send("run:1", [_frame(1)])


async def test_sends_several_pending_events_as_one_array() -> None:
    server = _Server()
    box = SocketOutbox(server, "s1", head_only=False, clock=FakeClock())
    sending = asyncio.create_task(box.send("run:1", [_frame(1), _frame(2)]))
    packet = await server.transport.queue.get()
    server.transport.queue.task_done()
    await sending
    assert packet == f'2["event",[{_frame(1).text},{_frame(2).text}]]'


async def test_encodes_a_frame_once_for_all_sockets() -> None:
    frame, packets = _frame(1), []
    for _ in range(2):
        server = _Server()
        sending = asyncio.create_task(
            SocketOutbox(server, "s1", head_only=False, clock=FakeClock()).send("run:1", [frame])
        )
        packets.append(await server.transport.queue.get())
        server.transport.queue.task_done()
        await sending
    assert packets[0] is packets[1]
    assert sse.encoded(frame) is sse.encoded(frame)


async def test_drops_a_reader_of_server_sent_events_that_does_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "DROP_SECONDS", 0.05)
    closed = asyncio.Event()

    async def batches() -> AsyncGenerator[Sequence[Frame], None]:
        try:
            yield [_frame(1)]
            yield [_frame(2)]
        finally:
            closed.set()

    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)
        if len(sent) > 2:
            await asyncio.Event().wait()

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    connections = Connections(credentials=InMemoryAccounts(), sharing=NOTHING_SHARED, clock=FakeClock())
    response = sse.EventStreamResponse(batches(), principal=WHO, connections=connections)
    await asyncio.wait_for(response({"type": "http"}, receive, send), 5)
    assert closed.is_set()
    assert connections.count == 0


async def test_breaks_the_transfer_when_a_stream_ends_before_its_run() -> None:
    async def batches() -> AsyncGenerator[Sequence[Frame], None]:
        yield [_frame(1)]
        raise NotFoundError("The run is there no longer.")

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    connections = Connections(credentials=InMemoryAccounts(), sharing=NOTHING_SHARED, clock=FakeClock())
    response = sse.EventStreamResponse(batches(), principal=WHO, connections=connections)
    await asyncio.wait_for(response({"type": "http"}, receive, send), 5)
    assert [message["more_body"] for message in sent if "body" in message] == [True, True]
    assert connections.count == 0


async def test_sends_heartbeats_while_nothing_happens() -> None:
    async def nothing() -> AsyncGenerator[Sequence[Frame], None]:
        await asyncio.Event().wait()
        yield []

    bodies: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(message: dict[str, bytes]) -> None:
        if "body" in message:
            await bodies.put(message["body"])

    gone = asyncio.Event()

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    connections = Connections(credentials=InMemoryAccounts(), sharing=NOTHING_SHARED, clock=FakeClock())
    response = sse.EventStreamResponse(nothing(), principal=WHO, connections=connections, heartbeat_s=0.01)
    serving = asyncio.create_task(response({"type": "http"}, receive, send))
    assert [await asyncio.wait_for(bodies.get(), 5) for _ in range(3)] == [sse.HEARTBEAT] * 3
    gone.set()
    await asyncio.wait_for(serving, 5)
