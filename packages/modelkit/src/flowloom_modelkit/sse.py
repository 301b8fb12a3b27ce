"""Server-sent events out of bytes, with limits."""

from collections.abc import Iterator
from typing import Final

MAX_LINE_BYTES: Final = 1_000_000


class LineTooLongError(ValueError):
    """A line never ends."""


class EventLines:
    """Cuts a byte stream into the payloads of its `data:` lines; chunks may end anywhere."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield each complete payload; raises `LineTooLongError`."""
        lines = (self._rest + chunk if self._rest else chunk).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_LINE_BYTES:
            raise LineTooLongError(f"a line of more than {MAX_LINE_BYTES} bytes")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
