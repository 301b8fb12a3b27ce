"""Alarms that the scheduler keeps: each fires once, at its time or late, as a call of `/job/{name}`."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import quote

import orjson
import structlog
from fastapi import APIRouter, Request

from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.errors import DomainError, UpstreamError

log = structlog.get_logger(__name__)

JOBS_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 2
MOST_RETRIES: Final = 5
NOT_FOUND: Final = 404


class Alarms(Protocol):
    """Wakes this application; a scheduler that lost its data forgets, so keep the times elsewhere too."""

    async def arm(self, name: str, at: datetime) -> None:
        """Fire once at a time, instead of what was armed under this name. Raises `UpstreamError`."""

    async def disarm(self, name: str) -> None:
        """Forget an alarm, if there is one. Raises `UpstreamError`."""

    async def armed(self, name: str) -> bool:
        """Whether an alarm is known under this name. Raises `UpstreamError`."""


class JobAlarms:
    """See `Alarms`; the stable Jobs API of the sidecar."""

    def __init__(self, sidecar: Sidecar) -> None:
        self._sidecar = sidecar

    async def arm(self, name: str, at: datetime) -> None:
        """See `Alarms.arm`."""
        job = {
            "dueTime": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "overwrite": True,
            # Nobody reads it, but the sidecar of 1.18 cannot deliver a job without data.
            "data": {"name": name},
            "failurePolicy": {"constant": {"interval": f"{RETRY_SECONDS}s", "maxRetries": MOST_RETRIES}},
        }
        await self._send("POST", name, content=orjson.dumps(job))

    async def disarm(self, name: str) -> None:
        """See `Alarms.disarm`."""
        await self._send("DELETE", name)

    async def armed(self, name: str) -> bool:
        """See `Alarms.armed`."""
        return await self._send("GET", name)

    async def _send(self, method: str, name: str, *, content: bytes | None = None) -> bool:
        answer = await self._sidecar.send(
            method,
            f"/v1.0/jobs/{quote(name, safe=':')}",
            timeout_s=JOBS_SECONDS,
            content=content,
            headers={"content-type": "application/json"} if content else None,
        )
        if answer.status_code < 300:
            return True
        # The sidecar of 1.18 answers 500 for a job that does not exist.
        if method != "POST" and (answer.status_code == NOT_FOUND or b"not found" in answer.content.lower()):
            return False
        raise UpstreamError(f"the scheduler did not take {method} of {name!r} ({answer.status_code})")


def job_routes(handle: Callable[[str, Request], Awaitable[None]]) -> APIRouter:
    """Return the route that the sidecar calls, with the application's token, when an alarm fires.

    `UpstreamError` asks for the alarm again, a few times; it must be harmless to get one twice.
    """
    router = APIRouter(include_in_schema=False)

    @router.post("/job/{name}")
    async def job_fired(name: str, request: Request) -> dict[str, str]:
        try:
            await handle(name, request)
        except DomainError as error:
            log.info("an alarm has no use any more", name=name, error=repr(error))
        return {}

    return router
