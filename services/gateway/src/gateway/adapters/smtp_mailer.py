"""Mail through an SMTP server that the operator names."""

import ssl
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from flowloom_servicekit.clock import Clock
from gateway.adapters.mail_messages import message_of
from gateway.mail_ports import Mail, MailNotSentError

TIMEOUT_SECONDS: Final = 20.0
DEFAULT_PORTS: Final = {"smtp": 587, "smtps": 465}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to deliver: TLS from the start (`smtps`), else STARTTLS, which only this machine may lack."""

    host: str
    port: int
    tls_from_start: bool
    user: str | None
    password: str | None

    @classmethod
    def of_url(cls, url: str) -> Self:
        """Read `smtp://user:password@host:587` or `smtps://…`; raise ValueError for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError("give smtp://user:password@host:587 or smtps://user:password@host:465")
        return cls(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORTS[parts.scheme],
            tls_from_start=parts.scheme == "smtps",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @property
    def start_tls(self) -> bool | None:
        """Whether STARTTLS is demanded; None takes it where it is offered."""
        if self.tls_from_start:
            return False
        return None if self.host in _LOOPBACK else True


class SmtpMailer:
    """Mailer; each message has a connection of its own, since they are few and servers close idle ones."""

    def __init__(
        self, server: SmtpServer, *, sender: str, clock: Clock, trust: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._trust = trust

    async def send(self, mail: Mail) -> None:
        """Deliver a message to the server."""
        message = message_of(mail, sender=self._sender, now=self._clock.now())
        try:
            await aiosmtplib.send(
                message,
                hostname=self._server.host,
                port=self._server.port,
                username=self._server.user,
                password=self._server.password,
                use_tls=self._server.tls_from_start,
                start_tls=self._server.start_tls,
                tls_context=self._trust,
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailNotSentError("The mail server did not take the message.", retry_after=60) from error
