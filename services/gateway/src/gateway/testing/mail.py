"""Mail that a test can read."""

import re

from gateway.mail_ports import Mail, MailNotSentError


class InMemoryMailer:
    """See `Mailer`; `broken` lets every message fail."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.broken = False

    async def send(self, mail: Mail) -> None:
        """Keep a message."""
        if self.broken:
            raise MailNotSentError("The mail server did not take the message.", retry_after=60)
        self.sent.append(mail)

    def last_link(self, to: str) -> str:
        """Return the first link in the newest message to an address."""
        mail = next(mail for mail in reversed(self.sent) if mail.to == to)
        return next(found[0] for found in re.finditer(r"https?://\S+", mail.text))
