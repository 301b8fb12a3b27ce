"""A whole real platform beside a mock model server, both kept running while tests come and go."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import httpx

from flowloom_cli.parts.postgres import Postgres
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import load_or_create
from flowloom_cli.supervision.process import State
from flowloom_servicekit.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 150
T = TypeVar("T")


class LoopThread:
    """An event loop of its own: the supervisor must go on while no test is running.

    The thread lives as long as the platform, because children are bound to the thread that made them.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="platform", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[None, None, T], *, limit_s: float) -> T:
        """Run to the end and block."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(limit_s)

    async def wait(self, work: Coroutine[None, None, T]) -> T:
        """Run to the end without blocking the caller's loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class MockProcess:
    """The mock model server as a process, with its ledger on disk."""

    def __init__(self, home: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "benchmarks.mock_llm", "--port", str(port)]
        self._command += ["--ledger", str(home / "ledger.jsonl")]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start and wait until it answers."""
        self._launch()
        await wait_until(self._answers, 20, every_s=0.05)

    def _launch(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    async def _answers(self) -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{self.url}/health")).is_success
            except httpx.TransportError:
                return False


class Stack:
    """The platform under test; faults are done to it by process name."""

    def __init__(self, home: Path, *, port_base: int) -> None:
        self.home = home
        self._base = port_base
        self.mock = MockProcess(home, port_base + 3)
        self._thread = LoopThread()
        self.platform = self._new_platform()

    def _new_platform(self) -> Platform:
        env = {
            "FLOWLOOM_MODEL_BASE_URL": f"{self.mock.url}/v1",
            "FLOWLOOM_MODEL_NAME": "mock",
            "FLOWLOOM_MODEL_CONTEXT_TOKENS": "8192",
            "FLOWLOOM_FORBID_PROVIDER_CALLS": "1",
        }
        return Platform(self.home / "flowloom", port_base=self._base, env=env)

    def start(self) -> None:
        self._thread.call(self.mock.start(), limit_s=30)
        self._thread.call(self.platform.start(), limit_s=START_LIMIT_S)

    def stop(self) -> None:
        self._thread.call(self.platform.stop(), limit_s=90)
        self.mock.stop()
        self._thread.stop()

    @property
    def url(self) -> str:
        return self.platform.base_url

    @property
    def api_key(self) -> str:
        assert self.platform.owner is not None
        return self.platform.owner.api_key

    def database_url(self, owner: str) -> str:
        """Return the address of a service's own schema, for asyncpg."""
        secrets = load_or_create(self.platform.home)
        url = Postgres(self.platform.home, self.platform.topology, secrets, env={}).url(owner)
        return url.replace("postgresql+asyncpg://", "postgresql://")

    async def kill(self, name: str) -> float:
        """Kill -9 one process, wait until it is ready again; returns the seconds that took."""
        began = time.monotonic()
        await self._thread.wait(self._kill_and_wait(name))
        return time.monotonic() - began

    async def _kill_and_wait(self, name: str) -> None:
        process = self.platform.process(name)
        before = process.restarts
        self.platform.kill(name, signal.SIGKILL)
        await wait_until(lambda: process.restarts > before and process.state is State.READY, 90, every_s=0.02)

    async def hold(self, name: str) -> None:
        """Kill -9 one process and keep it down."""
        await self._thread.wait(self.platform.hold(name))

    async def release(self, name: str) -> None:
        """Start a held process and wait until it is ready."""
        await self._thread.wait(self.platform.release(name))

    async def restart_everything(self) -> None:
        """Stop the whole platform and start it again on the same home."""
        await self._thread.wait(self.platform.stop())
        self.platform = self._new_platform()
        await self._thread.wait(self.platform.start())
