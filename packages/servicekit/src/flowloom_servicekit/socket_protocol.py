"""The WebSocket protocol of every service, which also lets go of a client that takes nothing any more."""

from typing import ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class LettingGoProtocol(WebSocketsSansIOProtocol):
    """Ends a connection for good some seconds after the application has ended it.

    To close a transport is to wait until what was written has been taken: a client that has stopped reading
    would keep its socket, and what is buffered for it, for as long as its machine is up.
    """

    last_words_seconds: ClassVar[float] = 11.0
    """Longer than the ten seconds that the other side has for its half of the closing handshake."""

    async def run_asgi(self) -> None:
        """Serve one socket, then see that it goes."""
        await super().run_asgi()
        self.loop.call_later(self.last_words_seconds, self.transport.abort)
