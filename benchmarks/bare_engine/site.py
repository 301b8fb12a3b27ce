"""Starts the baseline beside a platform, on its Postgres, placement and scheduler."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from benchmarks.bare_engine.app import ChainTimes
from benchmarks.core.site import GENERATOR_CORE, ROOT, SYSTEM_CORE, Site, pin, process
from flowloom_cli.parts import dapr_binaries
from flowloom_cli.parts.flags import flags
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.readiness import answers_http, wait_ready
from flowloom_cli.supervision.supervisor import silent
from flowloom_cli.topology import HOST, Topology

APP_ID = "bare-engine"
FIRST_PORT = 200
"""Offset from the platform's ports."""


class BareEngine:
    """A client of the baseline."""

    def __init__(self, port: int) -> None:
        self.http = httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=90, trust_env=False)

    async def chain(self, activities: int) -> list[int]:
        """Run one workflow; returns when each activity ran, in nanoseconds."""
        return (await self._run(activities, at_once=False)).at_ns

    async def fan(self, activities: int) -> None:
        """Run one workflow whose activities run at once."""
        await self._run(activities, at_once=True)

    async def pick_up_ms(self) -> float:
        """Run one workflow of one activity; returns the time from its scheduling to the activity's body."""
        times = await self._run(1, at_once=False)
        return (times.at_ns[0] - times.scheduled_ns) / 1e6

    async def _run(self, activities: int, *, at_once: bool) -> ChainTimes:
        answer = await self.http.post("/chain", json={"activities": activities, "at_once": at_once})
        answer.raise_for_status()
        return ChainTimes.model_validate_json(answer.content)


@asynccontextmanager
async def bare_engine(site: Site) -> AsyncIterator[BareEngine]:
    """Start process and sidecar on the platform's core; both end with the block."""
    topology = site.platform.topology
    first = topology.base + FIRST_PORT
    dapr = site.platform.home / "dapr"
    components = _components(dapr)
    binaries = await asyncio.to_thread(dapr_binaries.obtain, Settings(), silent, mtls=False)
    pin([SYSTEM_CORE])
    command = (
        str(binaries.daprd),
        *flags(_options(topology, first, components)),
        f"--config={dapr}/local.yaml",
    )
    app = (sys.executable, "-m", "uvicorn", "--host", HOST, "--port", str(first), "--log-level", "warning")
    env = {
        **os.environ,
        "DAPR_HOST_IP": HOST,
        "DAPR_GRPC_PORT": str(first + 2),
        "DAPR_HTTP_PORT": str(first + 1),
    }
    async with (
        process(*command, cwd=dapr, env=env, quiet=True),
        process(*app, "--no-access-log", "benchmarks.bare_engine.app:app", cwd=ROOT, env=env),
    ):
        pin([GENERATOR_CORE])
        if not await wait_ready(answers_http(first, "/healthz"), limit_s=60):
            raise RuntimeError("the bare engine does not start")
        engine = BareEngine(first)
        async with engine.http:
            yield engine


def _components(dapr: Path) -> Path:
    """Copy the rendered components for one more app-id: scopes would keep it out."""
    folder = dapr / "bare-engine"
    folder.mkdir(exist_ok=True)
    for name in ("workflow.yaml", "secrets.yaml"):
        text = (dapr / "components" / name).read_text()
        (folder / name).write_text(re.sub(r"(?ms)^scopes:\n(  - .*\n?)+", "", text))
    return folder


def _options(topology: Topology, first: int, components: Path) -> dict[str, str | int]:
    return {
        "app-id": APP_ID,
        "mode": "standalone",
        "app-port": first,
        "app-protocol": "http",
        "app-channel-address": HOST,
        "dapr-http-port": first + 1,
        "dapr-grpc-port": first + 2,
        "dapr-internal-grpc-port": first + 3,
        "dapr-listen-addresses": HOST,
        "dapr-internal-grpc-listen-address": HOST,
        "metrics-port": first + 4,
        "metrics-listen-address": HOST,
        "max-body-size": "16Mi",
        "placement-host-address": f"{HOST}:{topology.placement}",
        "scheduler-host-address": f"{HOST}:{topology.scheduler}",
        "resources-path": str(components),
    }
