"""Live streams, as the owner of runs sees them."""

from collections.abc import Sequence
from typing import Protocol

from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.reader import StreamPage
from flowloom_servicekit.streams.writer import Milestone


class Streams(Protocol):
    """Live streams, as the owner of runs sees them; see `StreamWriter` and `StreamReader`."""

    async def append_milestones(
        self, stream: str, milestones: Sequence[Milestone], *, epoch_hint: int = 1
    ) -> list[int | None]:
        """Append milestones in order; raises `StreamLostError` when the stream has to be rebuilt."""

    async def append_deltas(
        self, stream: str, step: str, exec: int, bodies: Sequence[str], *, turn: int = 0
    ) -> int | None:
        """Append text of a running step; a repeated `turn` of the same execution changes nothing."""

    async def rebuild(self, stream: str, epoch: int, milestones: Sequence[Milestone]) -> bool:
        """Start a stream anew under a higher epoch."""

    async def read(self, stream: str, after: Cursor = START, limit: int = 1000) -> StreamPage | None:
        """Return a page; None when the stream is not there.

        Raises `StreamMovedError` for another epoch and `StreamTrimmedError` for what only the archive has.
        """

    async def lengths(self, streams: Sequence[str]) -> list[int]:
        """Return how many entries of each stream are there."""

    async def trim(self, stream: str, last: Cursor) -> bool:
        """Remove the entries up to a cursor, which are archived."""

    async def seal(self, stream: str, ttl_s: int = 3600) -> Cursor | None:
        """Refuse more text and let the stream expire."""

    async def server_id(self) -> str:
        """Return an id that changes when Redis has restarted."""

    async def whole_since(self) -> str:
        """Return the id of the server under which all streams were last whole; "" when nobody has looked."""

    async def are_whole(self, server: str) -> None:
        """Remember that no live stream has missed anything under this server."""
