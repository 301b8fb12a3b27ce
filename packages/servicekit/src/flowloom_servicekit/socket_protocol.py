"""The WebSocket protocol of every service, which also lets go of a client that takes nothing any more."""

from typing import ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class LettingGoProtocol(WebSocketsSansIOProtocol):
    """Ends a connection for good some seconds after the application has ended it.

    To close a transport is to wait until what was written has been taken: a client that has stopped reading
    would keep its socket, and what is buffered for it, for as long as its machine is up.
    """

    last_words_seconds: ClassVar[float] = 4.0
    """How long what was written may take; with the ten seconds of an outbox it is less than 16 (B-STR-5)."""

    async def run_asgi(self) -> None:
        """Serve one socket, then see that it goes."""
        await super().run_asgi()
        # Whom the application has told goodbye has some seconds for their half of the closing handshake.
        handshake = self.close_timeout if self.close_timer is not None else 0.0
        self.loop.call_later(handshake + self.last_words_seconds, self.transport.abort)
