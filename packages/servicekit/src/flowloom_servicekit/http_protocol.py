"""The HTTP parser of every service, with a limit that its maker leaves out: the size of a request's head."""

import http
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from flowloom_servicekit.problems import PROBLEM_JSON, http_problem

MAX_HEAD_BYTES: Final = 16_384
_SEPARATORS: Final = 4
"""The colon, the space and the line's end that a parsed header has lost."""


class HeadTooLargeError(Exception):
    """The request line and the headers are longer than any client of ours sends."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Answers 400 and closes when a head exceeds `MAX_HEAD_BYTES`, also one that never ends."""

    _head_bytes = 0
    _waiting_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Count what comes before the head is whole; the parser would keep all of it."""
        if self._in_head:
            self._waiting_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._waiting_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a piece of the request line."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._grow(len(name) + len(value) + _SEPARATORS)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop counting until the body is over."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the next head on this connection."""
        self._in_head, self._waiting_bytes = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP as everything is refused: with a problem."""
        problem = http_problem(http.HTTPStatus.BAD_REQUEST).model_copy(update={"detail": msg})
        body = problem.model_dump_json(exclude_none=True).encode()
        headers = [
            *self.server_state.default_headers,
            (b"content-type", PROBLEM_JSON.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        head = [b"HTTP/1.1 400 Bad Request", *(b": ".join(header) for header in headers), b"", body]
        self.transport.write(b"\r\n".join(head))
        self.transport.close()

    def _grow(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            # The parser stops at an error of its callbacks, and the connection ends with 400.
            raise HeadTooLargeError
