"""Errors that browsers report: bounded, without secrets, and only so many a minute."""

import re
from typing import Final, Protocol
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter

from flowloom_contracts.client_errors import ClientError, ClientErrorNoted
from flowloom_servicekit.errors import DomainError
from flowloom_servicekit.ids import new_id
from gateway.domain.principals import Principal

PAGE_ERRORS: Final = Counter("flowloom_page_errors_total", "Errors that pages in browsers report.", ["kind"])
for _kind in ("error", "rejection", "render", "network", "report"):
    PAGE_ERRORS.labels(_kind)
log = structlog.get_logger(__name__)

_SECRETS: Final = (
    re.compile(r"(?i:[ac](?<=\b.)(?:uthorization|ookie)\b[\"']?\s*[:=][^\n]*)"),
    re.compile(r"(?i:[b](?<=\b.)(?:earer|asic)\s+\S+)"),
    re.compile(r"(?i:[apst](?<=\b.)(?:pi[_-]?key|assword|ecret|oken)\b[\"']?\s*[:=]\s*\S+)"),
    re.compile(r"(?:flk_|eyJ[A-Za-z0-9_-])[A-Za-z0-9_-]{3,}(?:\.[A-Za-z0-9_-]*){0,4}"),
    re.compile(r"[\w.+-](?<![\w.+-].)[\w.+-]{0,63}@[\w-]{1,64}\.[\w.-]{2,64}"),
    re.compile(r"[A-Fa-f0-9](?<=\b.)[A-Fa-f0-9]{39,}\b"),
)
"""Each begins with a set of characters, which is looked for much faster than a boundary or a choice; where a
word begins there is looked at behind it."""
_QUERIES: Final = re.compile(r"(https?://[^\s?#)]{1,300})[?#][^\s)]*")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class TooManyReportsError(DomainError):
    """The page reports more errors than anybody would read."""

    status = 429
    title = "Too many reports"

    def __init__(self, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ReportThrottle(Protocol):
    """How many reports one person may send."""

    async def admit(self, user_id: str) -> bool:
        """Count a report; False above the limit."""


async def note_error(
    report: ClientError, principal: Principal, *, throttle: ReportThrottle
) -> ClientErrorNoted:
    """Write a report to the log, under an id that the person can name."""
    if not await throttle.admit(principal.user_id):
        raise TooManyReportsError("Gather them and report again in a minute.")
    PAGE_ERRORS.labels(report.kind).inc(report.count)
    report_id = new_id()
    log.warning(
        "the page reported an error",
        report_id=report_id,
        kind=report.kind,
        message=harmless(report.message),
        stack=harmless(report.stack or ""),
        page=harmless(urlsplit(report.page or "").path),
        release=harmless(report.release or ""),
        of_trace=report.trace_id,
        commands=report.commands,
        count=report.count,
        workspace_id=principal.workspace_id,
        user_id=principal.user_id,
    )
    return ClientErrorNoted(id=report_id)


def harmless(text: str) -> str:
    """Return a text without what looks like a secret, an address of a person, or control characters."""
    plain = _QUERIES.sub(r"\1", _CONTROLS.sub(" ", text))
    for pattern in _SECRETS:
        plain = pattern.sub("[removed]", plain)
    return plain
