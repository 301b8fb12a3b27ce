"""Live streams in memory: writer, reader and hub in one, with the rules of the scripts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamLostError, StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import PAGE, StreamPage, check_cursor, check_trimmed
from flowloom_servicekit.streams.subscription import Inbox, Resync, Subscription
from flowloom_servicekit.streams.writer import SEALED_SECONDS, TOLD_KEPT, Milestone


@dataclass(slots=True)
class _Stream:
    epoch: int
    n: int = 0
    sealed: bool = False
    trimmed: int = 0
    told: str = ""
    frames: list[Frame] = field(default_factory=list)
    fences: dict[str, int] = field(default_factory=dict)
    turns: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def head(self) -> Cursor:
        return Cursor(self.epoch, self.trimmed + len(self.frames))


class InMemoryStreams:
    """Offers the methods of `StreamWriter`, `StreamReader` and `StreamHub`; away, it lets nobody read."""

    def __init__(self) -> None:
        self.is_away = False
        self._streams: dict[str, _Stream] = {}
        self._inboxes: dict[str, set[Inbox]] = {}
        self._server = 1
        self._whole_since = ""
        self._told = 1_000

    def lose(self, stream: str) -> None:
        """Play a Redis that has lost a stream."""
        self._streams.pop(stream, None)

    def restart(self) -> None:
        """Play a Redis that came back with another id."""
        self._server += 1
        for inboxes in self._inboxes.values():
            for inbox in inboxes:
                inbox.end("restarted")

    async def server_id(self) -> str:
        """See `StreamWriter.server_id`."""
        if self.is_away:
            raise StorageUnavailableError("Redis cannot be reached")
        return str(self._server)

    async def whole_since(self) -> str:
        """See `StreamWriter.whole_since`."""
        return self._whole_since

    async def are_whole(self, server: str) -> None:
        """See `StreamWriter.are_whole`."""
        self._whole_since = server

    async def append_milestone(
        self,
        stream: str,
        n: int,
        envelope_json: str,
        *,
        epoch_hint: int = 1,
        fence: tuple[str, int] | None = None,
    ) -> int | None:
        """See `StreamWriter.append_milestone`."""
        milestone = Milestone(n, envelope_json, fence)
        return (await self.append_milestones(stream, [milestone], epoch_hint=epoch_hint))[0]

    async def append_milestones(
        self, stream: str, milestones: Sequence[Milestone], *, epoch_hint: int = 1
    ) -> list[int | None]:
        """See `StreamWriter.append_milestones`."""
        if not milestones:
            return []
        kept = self._streams.get(stream)
        if kept is None and milestones[0].n == 1:
            kept = self._streams[stream] = _Stream(epoch_hint)
        if kept is None or kept.epoch < epoch_hint:
            raise StreamLostError(f"{stream!r} has to be rebuilt")
        seqs: list[int | None] = []
        for milestone in milestones:
            if milestone.n > kept.n + 1:
                raise StreamLostError(f"{stream!r} has to be rebuilt")
            seqs.append(self._append_milestone(stream, kept, milestone))
        return seqs

    def _append_milestone(self, stream: str, kept: _Stream, milestone: Milestone) -> int | None:
        if milestone.n <= kept.n:
            return None
        kept.n = milestone.n
        kept.sealed = False
        if milestone.fence is not None:
            step, fence = milestone.fence
            kept.fences[step] = max(fence, kept.fences.get(step, 0))
        return self._append(stream, kept, milestone.body)

    def _append(self, stream: str, kept: _Stream, body: str) -> int:
        cursor = Cursor(kept.epoch, kept.head.seq + 1)
        frame = Frame(stream, cursor, body)
        kept.frames.append(frame)
        for inbox in self._inboxes.get(stream, ()):
            inbox.put(frame)
        return cursor.seq

    async def append_deltas(
        self, stream: str, step: str, exec: int, bodies: Sequence[str], *, turn: int = 0
    ) -> int | None:
        """See `StreamWriter.append_deltas`."""
        kept = self._streams.get(stream)
        if kept is None:
            raise StreamLostError(f"{stream!r} is not in Redis")
        if kept.sealed or exec < kept.fences.get(step, 0):
            return None
        kept.fences[step] = exec
        if turn and kept.turns.get(step, (0, 0)) >= (exec, turn):
            return kept.epoch
        kept.turns[step] = (exec, turn)
        for body in bodies:
            self._append(stream, kept, body)
        return kept.epoch

    async def rebuild(self, stream: str, epoch: int, milestones: Sequence[Milestone]) -> bool:
        """See `StreamWriter.rebuild`."""
        kept = self._streams.get(stream)
        if kept is not None and kept.epoch >= epoch:
            return False
        self._streams[stream] = _Stream(epoch)
        await self.append_milestones(stream, milestones, epoch_hint=epoch)
        return True

    async def tell(self, stream: str, body: str, *, digest: str) -> Cursor:
        """See `StreamWriter.tell`; nothing expires here."""
        if self.is_away:
            raise StorageUnavailableError("Redis cannot be reached")
        if stream not in self._streams:
            self._told += 1
            self._streams[stream] = _Stream(self._told)
        kept = self._streams[stream]
        if kept.told == digest:
            return kept.head
        kept.told = digest
        cursor = Cursor(kept.epoch, self._append(stream, kept, body))
        gone = max(0, len(kept.frames) - TOLD_KEPT)
        kept.frames, kept.trimmed = kept.frames[gone:], kept.trimmed + gone
        return cursor

    async def seal(self, stream: str, ttl_s: int = SEALED_SECONDS) -> Cursor | None:
        """See `StreamWriter.seal`; nothing expires here."""
        kept = self._streams.get(stream)
        if kept is None:
            return None
        kept.sealed = True
        return kept.head

    async def read(self, stream: str, after: Cursor = START, limit: int = PAGE) -> StreamPage | None:
        """See `StreamReader.read`."""
        if self.is_away:
            raise StorageUnavailableError("Redis cannot be reached")
        kept = self._streams.get(stream)
        if kept is None:
            return None
        check_cursor(stream, after, kept.head)
        check_trimmed(stream, after, kept.head, kept.trimmed)
        first = after.seq - kept.trimmed
        return StreamPage(kept.frames[first : first + limit], kept.head, kept.sealed)

    async def lengths(self, streams: Sequence[str]) -> list[int]:
        """See `StreamReader.lengths`."""
        known = (self._streams.get(stream) for stream in streams)
        return [0 if kept is None else len(kept.frames) for kept in known]

    async def trim(self, stream: str, last: Cursor) -> bool:
        """See `StreamWriter.trim`."""
        kept = self._streams.get(stream)
        if kept is None or kept.epoch != last.epoch or last.seq > kept.head.seq:
            return False
        removed = max(0, last.seq - kept.trimmed)
        kept.frames = kept.frames[removed:]
        kept.trimmed += removed
        return True

    async def head(self, stream: str) -> Cursor | None:
        """See `StreamReader.head`."""
        kept = self._streams.get(stream)
        return None if kept is None else kept.head

    def subscribe(self, stream: str, after: Cursor = START, *, expected: bool = False) -> Subscription:
        """See `StreamHub.subscribe`."""
        inbox = Inbox(after)

        async def catch_up(subscription: Subscription) -> list[Frame] | Resync:
            try:
                page = await self.read(stream, inbox.position, limit=2**31)
            except StreamMovedError:
                return Resync("moved")
            except StreamTrimmedError:
                return Resync("gone")
            if page is None and not (expected and after.seq == 0):
                return Resync("gone")
            for frame in page.frames if page else ():
                inbox.put(frame)
            self._inboxes.setdefault(stream, set()).add(inbox)
            subscription.inbox = inbox
            return []

        def detach() -> None:
            self._inboxes.get(stream, set()).discard(inbox)

        return Subscription(catch_up, detach)
