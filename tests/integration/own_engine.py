"""An application of a test's own with its sidecar, on placement, scheduler and Postgres of a platform."""

import asyncio
import os
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from flowloom_cli.parts import dapr_binaries
from flowloom_cli.parts.flags import flags
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.supervisor import silent
from flowloom_cli.topology import HOST
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_servicekit.dapr.replay import WorkflowContext
from flowloom_servicekit.dapr.workflows import WorkflowEngine, WorkflowFunction
from flowloom_servicekit.settings import ServiceSettings
from tests.integration.stack import Stack

FIRST_PORT: Final = 230
"""Offset from the platform's ports."""

TOKEN: Final = "of-the-tests-own-sidecar"


class Bodies:
    """Activity bodies that the test holds in its hands."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.seen: list[JsonValue] = []
        self._released: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def release(self, name: str) -> None:
        """Let a body return."""
        self._released[name].set()

    async def hold(self, input: JsonObject) -> JsonObject:
        """Return only when the test says so; the result names the body."""
        name = str(input["name"])
        self.begun.append(name)
        await self._released[name].wait()
        return {"name": name}

    async def note(self, input: JsonObject) -> None:
        """Tell the test what the workflow has seen."""
        self.seen.append(input["seen"])


@asynccontextmanager
async def own_engine(
    stack: Stack, bodies: Bodies, workflows: Mapping[str, WorkflowFunction], *, app_id: str
) -> AsyncIterator[WorkflowEngine]:
    """Start sidecar and worker; both end with the block."""
    first = stack.platform.topology.base + FIRST_PORT
    dapr = stack.platform.home / "dapr"
    binaries = await asyncio.to_thread(dapr_binaries.obtain, Settings(), silent, mtls=False)
    options = _options(stack, first, _components(dapr, app_id), app_id)
    command = [str(binaries.daprd), *flags(options), f"--config={dapr}/local.yaml"]
    env = {**os.environ, "DAPR_HOST_IP": HOST, "DAPR_API_TOKEN": TOKEN}
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, cwd=dapr, env=env, stdout=nowhere, stderr=nowhere
    )
    settings = ServiceSettings(
        redis_url=SecretStr("redis://unused"),
        dapr_http_port=first + 1,
        dapr_grpc_port=first + 2,
        dapr_api_token=SecretStr(TOKEN),
        app_api_token=SecretStr("unused-8f3b1c6e0a2d"),
    )
    engine = WorkflowEngine(settings, max_threads=8)
    for name, workflow in workflows.items():
        engine.register_workflow(_fresh(workflow), name=name)
    engine.register_activity(bodies.hold, name="hold")
    engine.register_activity(bodies.note, name="note")
    try:
        await engine.start()
        yield engine
    finally:
        await engine.stop()
        process.terminate()
        await process.wait()


def _fresh(workflow: WorkflowFunction) -> WorkflowFunction:
    """Return a function of its own: the SDK marks one that is registered, and takes it only once."""

    def run(ctx: WorkflowContext, input: JsonObject) -> object:
        return workflow(ctx, input)

    return run


def _components(dapr: Path, app_id: str) -> Path:
    """Copy the rendered components for one more app-id: scopes would keep it out."""
    folder = dapr / app_id
    folder.mkdir(exist_ok=True)
    for name in ("workflow.yaml", "secrets.yaml"):
        text = (dapr / "components" / name).read_text()
        (folder / name).write_text(re.sub(r"(?ms)^scopes:\n(  - .*\n?)+", "", text))
    return folder


def _options(stack: Stack, first: int, components: Path, app_id: str) -> dict[str, str | int]:
    topology = stack.platform.topology
    return {
        "app-id": app_id,
        "mode": "standalone",
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
