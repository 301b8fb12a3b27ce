"""Alarms through the sidecar's Jobs API, and the route on which they come back."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request

from flowloom_servicekit.dapr.jobs import JobAlarms, job_routes
from flowloom_servicekit.dapr.sidecar import Sidecar, SidecarAnswer
from flowloom_servicekit.errors import ConflictError, UpstreamError
from flowloom_servicekit.outbound.request import OutboundRequest
from flowloom_servicekit.outbound.targets import Target
from flowloom_servicekit.settings import ServiceSettings

SETTINGS = ServiceSettings(
    redis_url="redis://x", dapr_api_token="d-8f3b1c6e0a2d7f94", app_api_token="a-8f3b1c6e0a2d7f94"
)  # type: ignore[arg-type]  # pydantic reads them
AT = datetime(2026, 1, 1, 13, tzinfo=UTC)


class Wire:
    """A sidecar that answers as told."""

    def __init__(self, status: int = 204, content: bytes = b"") -> None:
        self.answer = SidecarAnswer(status, {}, content)
        self.asked: list[tuple[str, str, bytes]] = []

    async def exchange(self, request: OutboundRequest, target: Target) -> SidecarAnswer:
        self.asked.append((request.method, target.path, request.body or b""))
        return self.answer

    def close(self) -> None:
        pass


async def test_arms_one_alarm_instead_of_the_one_before() -> None:
    wire = Wire()
    await JobAlarms(Sidecar(SETTINGS, wire=wire)).arm("sched:1", AT)
    [(method, path, body)] = wire.asked
    assert (method, path) == ("POST", "/v1.0/jobs/sched:1")
    job = json.loads(body)
    assert (job["dueTime"], job["overwrite"]) == ("2026-01-01T13:00:00Z", True)
    assert job["data"], "a job without data is never delivered"


@pytest.mark.parametrize("status", [404, 500])
async def test_forgets_what_is_not_there(status: int) -> None:
    alarms = JobAlarms(Sidecar(SETTINGS, wire=Wire(status, b'{"message": "job not found"}')))
    await alarms.disarm("sched:1")
    assert not await alarms.armed("sched:1")


async def test_says_when_the_scheduler_is_away() -> None:
    alarms = JobAlarms(Sidecar(SETTINGS, wire=Wire(500, b"no scheduler")))
    with pytest.raises(UpstreamError):
        await alarms.arm("sched:1", AT)
    with pytest.raises(UpstreamError):
        await alarms.disarm("sched:1")


async def test_takes_an_alarm_that_has_no_use_any_more() -> None:
    heard: list[str] = []

    async def handle(name: str, _: Request) -> None:
        heard.append(name)
        if name == "gone":
            raise ConflictError("gone")

    app = FastAPI()
    app.include_router(job_routes(handle))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://o") as client:
        for name in ("sched:1", "gone"):
            assert (await client.post(f"/job/{name}")).status_code == 200
    assert heard == ["sched:1", "gone"]
