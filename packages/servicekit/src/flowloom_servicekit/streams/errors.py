"""How a live stream can fail its writer or reader."""

from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.streams.cursor import Cursor


class StreamLostError(UpstreamError):
    """The stream is not in Redis, is behind, or has missed a milestone: its owner rebuilds it."""

    title = "The live stream has to be rebuilt"


class StreamMovedError(UpstreamError):
    """A reader's cursor is not in the stream's present epoch: take a snapshot and go on from `head`."""

    title = "The live stream has a new epoch"

    def __init__(self, detail: str, *, head: Cursor) -> None:
        super().__init__(detail)
        self.head = head


class StreamTrimmedError(UpstreamError):
    """What follows a reader's cursor has left Redis for the archive, up to `last`; the rest follows there."""

    title = "This part of the live stream is in the archive"

    def __init__(self, detail: str, *, last: Cursor, head: Cursor) -> None:
        super().__init__(detail)
        self.last = last
        self.head = head
