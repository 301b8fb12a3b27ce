"""Streams of runs that have ended, and the beginnings of those that have grown long."""

from collections.abc import Sequence
from typing import Protocol

from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage


class ArchiveStore(Protocol):
    """Streams of runs that have ended, and the beginnings of those that have grown long."""

    async def keep(self, run_id: str, first: Cursor, bodies: Sequence[str], *, is_last: bool) -> None:
        """Keep entries in a row, the first one at a cursor; with the last ones the archive is whole.

        Keeping entries again changes nothing.
        """

    async def head(self, run_id: str) -> Cursor | None:
        """Return where an archived stream ends, or None when it is not archived as a whole."""

    async def read(self, run_id: str, after: Cursor, limit: int) -> StreamPage | None:
        """Return a page of an archived stream, or None when it is not archived as a whole."""

    async def beginning(self, run_id: str, after: Cursor, limit: int) -> list[Frame]:
        """Return what is archived behind a cursor of a stream that goes on; the cursor names the epoch."""
