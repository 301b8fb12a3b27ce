"""Mail: one suite over the fake, the folder and a server; and what a server or a header can refuse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import SMTP

from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.file_mailer import KEPT, FileMailer
from gateway.adapters.smtp_mailer import SmtpMailer, SmtpServer
from gateway.mail_ports import Mail, Mailer, MailNotSentError
from gateway.testing.mail import InMemoryMailer

SENDER = "Flowloom <flowloom@example.org>"
HELLO = Mail(to="ada@example.org", subject="Grüße", text="See http://here/a-link\n", html="<p>See</p>")


class Inbox(Message):
    """Keeps what the server was given."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.arrived: list[EmailMessage] = []

    def handle_message(self, message: object) -> None:
        self.arrived.append(cast(EmailMessage, message))


@dataclass
class MailServer:
    """A server on this machine and what arrived at it."""

    url: str
    arrived: list[EmailMessage]


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    inbox = Inbox()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    yield MailServer(f"smtp://127.0.0.1:{port}", inbox.arrived)
    listening.close()
    await listening.wait_closed()


MakeMailer = Callable[[], Mailer]


@pytest.mark.parametrize("kind", ["memory", "folder", "smtp"])
async def test_takes_a_message(kind: str, server: MailServer, tmp_path: Path) -> None:
    mailers: dict[str, MakeMailer] = {
        "memory": InMemoryMailer,
        "folder": lambda: FileMailer(tmp_path, sender=SENDER, clock=FakeClock()),
        "smtp": lambda: SmtpMailer(SmtpServer.of_url(server.url), sender=SENDER, clock=FakeClock()),
    }
    await mailers[kind]().send(HELLO)


async def test_writes_a_message_that_only_its_owner_can_read(tmp_path: Path) -> None:
    await FileMailer(tmp_path / "mail", sender=SENDER, clock=FakeClock()).send(HELLO)
    (path,) = (tmp_path / "mail").glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (message["to"], message["from"], message["subject"]) == (HELLO.to, SENDER, HELLO.subject)
    body = message.get_body(("plain",))
    assert body is not None and body.get_content() == HELLO.text


async def test_keeps_only_the_newest_messages(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    mailer = FileMailer(folder, sender=SENDER, clock=FakeClock())
    folder.mkdir()
    for number in range(KEPT + 5):
        (folder / f"0{number:04}.eml").touch()
    await mailer.send(HELLO)
    left = sorted(path.name for path in folder.iterdir())
    assert (len(left), left[0]) == (KEPT, "00006.eml")


async def test_delivers_to_a_server(server: MailServer) -> None:
    await SmtpMailer(SmtpServer.of_url(server.url), sender=SENDER, clock=FakeClock()).send(HELLO)
    (message,) = server.arrived
    assert (message["to"], message["auto-submitted"]) == (HELLO.to, "auto-generated")


@pytest.mark.parametrize("field", ["to", "subject"])
async def test_refuses_a_header_in_a_header(tmp_path: Path, field: str) -> None:
    values = {"to": HELLO.to, "subject": HELLO.subject, field: "a@b.org\r\nBcc: eve@example.org"}
    with pytest.raises(MailNotSentError):
        await FileMailer(tmp_path / "mail", sender=SENDER, clock=FakeClock()).send(Mail(**values, text="x"))
    assert not (tmp_path / "mail").exists()


@pytest.mark.parametrize("kind", ["folder", "server"])
async def test_says_that_a_message_was_not_sent(tmp_path: Path, kind: str) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    mailer: Mailer = (
        FileMailer(tmp_path / "mail", sender=SENDER, clock=FakeClock())
        if kind == "folder"
        else SmtpMailer(SmtpServer.of_url("smtp://127.0.0.1:1"), sender=SENDER, clock=FakeClock())
    )
    with pytest.raises(MailNotSentError) as told:
        await mailer.send(HELLO)
    assert told.value.retry_after == 60


def test_reads_the_address_of_a_server() -> None:
    server = SmtpServer.of_url("smtps://ada%40example.org:p%3Aw@mail.example.org")
    assert (server.host, server.port, server.user, server.password) == (
        "mail.example.org", 465, "ada@example.org", "p:w",
    )  # fmt: skip
    assert SmtpServer.of_url("smtp://mail.example.org").start_tls is True
    assert SmtpServer.of_url("smtp://localhost:25").start_tls is None


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://mail.example.org", "smtp://"])
def test_refuses_what_is_no_mail_server(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        SmtpServer.of_url(url)
