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
