"""Counts how outgoing calls end, without saying where they went."""

import asyncio
from typing import Final

from prometheus_client import Counter

from flowloom_servicekit.outbound.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    OutboundTimeoutError,
    RequestRefusedError,
    UpstreamUnreachableError,
)

CALLS: Final = Counter(
    "flowloom_outbound_calls_ended_total",
    "Outgoing calls by what came of them; a call that fails while its answer is read counts twice.",
    ["outcome"],
)
FAILURES: Final = (
    (AddressRefusedError, "denied"),
    (RequestRefusedError, "refused"),
    (AnswerTooLargeError, "too_large"),
    (OutboundTimeoutError, "timeout"),
    (UpstreamUnreachableError, "unreachable"),
    (asyncio.CancelledError, "abandoned"),
)
_CLASSES: Final = {digit: CALLS.labels(f"{digit}xx") for digit in range(1, 6)}


def count(end: int | BaseException) -> None:
    """Count a status, or the failure of a call; what fails for the caller's own reasons is not one."""
    if isinstance(end, int):
        (_CLASSES.get(end // 100) or CALLS.labels("other")).inc()
        return
    for cls, outcome in FAILURES:
        if isinstance(end, cls):
            CALLS.labels(outcome).inc()
            return
