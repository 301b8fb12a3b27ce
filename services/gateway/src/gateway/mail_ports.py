"""Mail to people: the port through which every part of the gateway sends it."""

from dataclasses import dataclass
from typing import Protocol

from flowloom_servicekit.errors import UpstreamError


class MailNotSentError(UpstreamError):
    """The mail server did not take a message; sending it again can succeed."""

    title = "The mail could not be sent"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person, as plain text; `html` is what nicer readers show instead."""

    to: str
    subject: str
    text: str
    html: str | None = None


class Mailer(Protocol):
    """Hands messages over, one at a time; it does not keep what could not be sent."""

    async def send(self, mail: Mail) -> None:
        """Return when a server, or the folder that stands for one, has taken the message.

        Raises `MailNotSentError`. Callers that must not lose a message keep it in the outbox and try again.
        """
