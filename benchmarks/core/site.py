"""The system under test: a whole platform on one core, the mock model and the generator on the other."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.mock_llm.plan import Mode
from flowloom_cli.platform import Platform
from flowloom_cli.supervision.readiness import answers_http, wait_ready
from flowloom_contracts.base import JsonObject

PORT_BASE = 26000
MOCK_PORT = PORT_BASE + 3
ROOT = Path(__file__).resolve().parents[2]
SYSTEM_CORE = 0
GENERATOR_CORE = 1


@dataclass(frozen=True)
class Site:
    """A running platform and a client with the owner's key."""

    platform: Platform
    http: httpx.AsyncClient

    async def save(self, source: str) -> str:
        """Store a document and return its id."""
        answer = await self.http.post("/v1/workflows", json={"source": source})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def start(self, workflow_id: str, inputs: JsonObject) -> str:
        """Start a run and return its id."""
        body = {"inputs": inputs, "version": "draft"}
        answer = await self.http.post(f"/v1/workflows/{workflow_id}/runs", json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def events(self, run_id: str) -> AsyncIterator[str]:
        """Follow a run and yield each event's JSON text as it arrives, to the end."""
        async with self.http.stream("GET", f"/v1/runs/{run_id}/stream", timeout=300) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    yield line[5:].lstrip()

    async def run_to_end(self, workflow_id: str, inputs: JsonObject) -> str:
        """Start a run and follow it to its end; returns its id. Raises RuntimeError when it fails."""
        run_id = await self.start(workflow_id, inputs)
        last = ""
        async for event in self.events(run_id):
            last = event
        if '"succeeded"' not in last:
            raise RuntimeError(f"run {run_id} did not succeed: {last[:300]}")
        return run_id


def pin(cores: Iterable[int]) -> None:
    """Keep this process, and what it starts from now on, to some cores, where the machine has them."""
    wanted = set(cores) & set(range(os.cpu_count() or 1))
    if wanted:
        os.sched_setaffinity(0, wanted)


@asynccontextmanager
async def running_site(*, mock: Mode | None, env: Mapping[str, str] | None = None) -> AsyncIterator[Site]:
    """Start a fresh platform and stop it; without a mock it has the embedded model and all cores.

    `env` is added to the environment of its services.
    """
    async with AsyncExitStack() as open_things:
        folder = open_things.enter_context(
            tempfile.TemporaryDirectory(prefix="flowloom-bench-", ignore_cleanup_errors=True)
        )
        if mock is not None:
            await open_things.enter_async_context(running_mock(mock))
            pin([SYSTEM_CORE])
        platform = Platform(
            Path(folder) / "home",
            port_base=PORT_BASE,
            env={**(_model_env() if mock is not None else {}), **(env or {})},
            report=lambda text: print(f"  {text}", flush=True),
        )
        open_things.push_async_callback(platform.stop)
        await platform.start()
        if mock is not None:
            pin([GENERATOR_CORE])
        http = await open_things.enter_async_context(_client(platform))
        yield Site(platform, http)


def _client(platform: Platform) -> httpx.AsyncClient:
    assert platform.owner is not None
    return httpx.AsyncClient(
        base_url=platform.base_url,
        headers={"X-API-Key": platform.owner.api_key},
        limits=httpx.Limits(max_connections=200, max_keepalive_connections=200),
        timeout=60,
        trust_env=False,
    )


def _model_env() -> dict[str, str]:
    return {
        "FLOWLOOM_MODEL_BASE_URL": f"http://127.0.0.1:{MOCK_PORT}/v1",
        "FLOWLOOM_MODEL_NAME": "mock",
        "FLOWLOOM_MODEL_CONTEXT_TOKENS": "8192",
    }


@asynccontextmanager
async def running_mock(mode: Mode) -> AsyncIterator[None]:
    """Start the mock model server on the generator's core, where this process is kept as well from now on."""
    pin([GENERATOR_CORE])
    command = (sys.executable, "-m", "benchmarks.mock_llm", "--port", str(MOCK_PORT), "--mode", mode)
    async with process(*command, "--no-prompts", cwd=ROOT):
        if not await wait_ready(answers_http(MOCK_PORT, "/health"), limit_s=20):
            raise RuntimeError("the mock model server does not start")
        yield


@asynccontextmanager
async def process(
    *command: str, cwd: Path, env: dict[str, str] | None = None, quiet: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command beside the platform and end it at the end."""
    output = asyncio.subprocess.DEVNULL if quiet else None
    running = await asyncio.create_subprocess_exec(*command, cwd=cwd, env=env, stdout=output, stderr=output)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()
