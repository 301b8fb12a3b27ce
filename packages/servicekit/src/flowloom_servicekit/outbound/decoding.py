"""Takes an answer's compression off piece by piece, never larger than the caller's limit."""

import zlib
from typing import Final

from flowloom_servicekit.outbound.errors import AnswerTooLargeError, UpstreamUnreachableError

GZIP_OR_ZLIB: Final = 47
RAW_DEFLATE: Final = -15
GZIP_BEGINS: Final = 0x1F
OFFERED: Final = "gzip, deflate"


class Decoder:
    """One encoding of one answer; `feed` raises `AnswerTooLargeError` before it has built too much."""

    def __init__(self, encoding: str, name: str) -> None:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise UpstreamUnreachableError(
                f"{name} compressed its answer as {encoding!r}; {OFFERED} was offered"
            )
        self._name = name
        self._is_deflate = encoding == "deflate"
        self._inflate = zlib.decompressobj(GZIP_OR_ZLIB)
        self._is_begun = False

    def feed(self, data: bytes, room: int) -> bytes:
        """Return the plain bytes, at most `room`."""
        if not self._is_begun and data:
            self._is_begun = True
            if self._is_deflate and data[0] & 0x0F != zlib.DEFLATED:
                self._inflate = zlib.decompressobj(RAW_DEFLATE)
        pieces, size = [], 0
        try:
            while data:
                if self._inflate.eof:
                    if data[0] != GZIP_BEGINS:
                        break  # padding, which everybody ignores
                    # gzip allows several members one after the other
                    self._inflate = zlib.decompressobj(GZIP_OR_ZLIB)
                piece = self._inflate.decompress(data, room - size + 1)
                pieces.append(piece)
                size += len(piece)
                if size > room:
                    raise AnswerTooLargeError(f"{self._name} sent more than the caller takes, compressed")
                data = self._inflate.unused_data
        except zlib.error as error:
            raise UpstreamUnreachableError(f"{self._name} sent a body that cannot be decompressed") from error
        return b"".join(pieces)

    def end(self) -> None:
        """Raise `UpstreamUnreachableError` when the compressed data was cut short."""
        if self._is_begun and not self._inflate.eof:
            raise UpstreamUnreachableError(f"{self._name} cut its compressed answer short")
