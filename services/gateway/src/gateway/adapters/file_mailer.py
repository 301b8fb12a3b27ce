"""Mail into a folder: what a platform without a mail server does, so that its owner can read the links."""

import asyncio
import os
from pathlib import Path
from typing import Final

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from gateway.adapters.mail_messages import message_of
from gateway.mail_ports import Mail, MailNotSentError

log = structlog.get_logger(__name__)

KEPT: Final = 200


class FileMailer:
    """Mailer that writes one `.eml` file a message, readable by this user only; the newest 200 are kept."""

    def __init__(self, folder: Path, *, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """Write the message to a file of its own and say where it is."""
        message = message_of(mail, sender=self._sender, now=self._clock.now())
        try:
            path = await asyncio.to_thread(self._write, message.as_bytes())
        except OSError as error:
            raise MailNotSentError("The folder for mail cannot be written.", retry_after=60) from error
        log.info("no mail server is set: the message is in a file", path=str(path), subject=mail.subject)

    def _write(self, content: bytes) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{new_id()}.eml"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
        # Their names are in the order of time.
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return path
