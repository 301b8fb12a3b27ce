"""S47 on real sidecars with certificates: an agent's sidecar calls what agents may call, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from flowloom_cli import checkout, environment
from flowloom_cli.parts import dapr_binaries
from flowloom_cli.parts.dapr import Dapr
from flowloom_cli.parts.trust import establish
from flowloom_cli.secrets import Secrets, load_or_create
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.supervisor import Supervisor, silent
from flowloom_cli.topology import Topology
from flowloom_servicekit.testing.waiting import wait_until
from tests.security.raw_http import Reply, exchange

HOST: Final = "127.0.0.1"
APPS: Final = ("orchestrator", "memory", "agent-qa")
STORES: Final = ("workflow.yaml", "settings.yaml", "cache.yaml", "pubsub.yaml")
AGENT: Final = "agent-qa"
REACHED: Final = b"the application was reached"
ALLOWED: Final = (
    ("agent-qa", "orchestrator", "internal/steps/claim"),
    ("agent-qa", "memory", "internal/memory/passages/search"),
    ("orchestrator", "memory", "internal/memory/search"),
)
DENIED: Final = (
    ("memory", "orchestrator", "internal/runs/start"),
    ("orchestrator", "agent-qa", "x"),
    *(("agent-qa", "memory", method) for method in ("internal/memory/generations/start", "metrics", "")),
    *(
        ("agent-qa", "orchestrator", method)
        for method in (
            "internal/runs/start",
            "/internal/runs/start",
            "internal/steps/../runs/start",
            "internal/steps/%2E%2E/runs/start",
            "internal/steps/..%2Fruns%2Fstart",
            "internal%2Fruns%2Fstart",
            "internal/runs/start#/internal/steps/claim",
            "internal/runs/start%23/internal/steps/claim",
            "internal/runs/start?x=/internal/steps/claim",
            "internal/runs/start%3Fx=/internal/steps/claim",
            "internal//runs//start",
            "dapr/subscribe",
            "job/sched:1",
            "readyz",
            "",
        )
    ),
)
CLOSED: Final = (
    ("POST", "/v1.0/workflows/dapr/drive_run/start"),
    ("GET", "/v1.0/workflows/dapr/x"),
    ("POST", "/v1.0/workflows/dapr/x/terminate"),
    ("POST", "/v1.0-beta1/workflows/dapr/drive_run/start"),
    ("PUT", "/v1.0/actors/dapr.internal.default.orchestrator.workflow/x/method/CreateWorkflowInstance"),
    ("POST", "/v1.0/jobs/sched:1"),
    ("GET", "/v1.0/secrets/secrets/stores"),
    ("POST", "/v1.0/shutdown"),
)


def stub() -> FastAPI:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
    async def answer(path: str) -> str:
        return REACHED.decode()

    return app


@asynccontextmanager
async def sidecars(home: Path, topology: Topology, secrets: Secrets) -> AsyncIterator[None]:
    """Start the control plane and three sidecars with certificates, before applications that say yes."""
    binaries = await asyncio.to_thread(dapr_binaries.obtain, Settings(), silent, mtls=True)
    trust = establish(home / "dapr" / "trust", APPS)
    dapr = Dapr(home, topology, binaries, env=environment.plain(home), trust=trust)
    dapr.render(checkout.root() / "dapr", postgres="", secrets=secrets)
    for name in STORES:
        (home / "dapr" / "components" / name).unlink()
    needs = ("placement", "scheduler", "sentry")
    parts = [dapr.sentry(), dapr.placement(), dapr.scheduler()]
    parts += [replace(dapr.sidecar(app_id, secrets), needs=needs) for app_id in APPS]
    servers = [
        uvicorn.Server(uvicorn.Config(stub(), port=topology.app(app_id), log_config=None)) for app_id in APPS
    ]
    serving = [asyncio.create_task(server.serve()) for server in servers]
    supervisor = Supervisor(home / "logs")
    try:
        await wait_until(lambda: all(server.started for server in servers), 20)
        await supervisor.start(parts, [])
        yield
    finally:
        await supervisor.stop()
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*serving)


async def ask(port: int, method: str, path: str, token: str) -> Reply:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"dapr-api-token: {token}"]
    text = "\r\n".join([*lines, "Content-Type: application/json", "Content-Length: 2", "", "{}"])
    return await exchange(HOST, port, text.encode(), limit_s=20)


async def test_s47_sidecars_call_only_what_their_applications_may(tmp_path: Path) -> None:
    topology, secrets = Topology(base=26100, gateway=26120), load_or_create(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "logs").mkdir()
    async with sidecars(tmp_path, topology, secrets):
        for calls, reached in ((ALLOWED, True), (DENIED, False)):
            for caller, callee, method in calls:
                for verb in ("POST",) if reached else ("POST", "GET", "PUT"):
                    path = f"/v1.0/invoke/{callee}/method/{method}"
                    port, token = topology.dapr_http(caller), secrets.dapr_api_tokens[caller]
                    reply = await ask(port, verb, path, token)
                    assert (REACHED in reply.data) is reached, (caller, callee, method, reply.data[-300:])
        for verb, path in CLOSED:
            reply = await ask(topology.dapr_http(AGENT), verb, path, secrets.dapr_api_tokens[AGENT])
            assert reply.statuses[0] >= 400, (path, reply.data[-300:])
