"""From a mail to the text of a message (RFC 5322) that carries no header but ours."""

from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from gateway.mail_ports import Mail, MailNotSentError


def message_of(mail: Mail, *, sender: str, now: datetime) -> EmailMessage:
    """Return the message; raise MailNotSentError for an address or subject that cannot stand in a header."""
    message = EmailMessage()
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain=_domain(sender))
        # Answering machines stay silent (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
    except (ValueError, MessageError, IndexError) as error:
        raise MailNotSentError("A header of the mail cannot be written.", retry_after=None) from error
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    return message


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
