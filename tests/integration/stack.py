"""A whole real platform beside a mock model server, both kept running while tests come and go."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import asyncpg
import httpx
import psutil

from flowloom_cli.parts.postgres import Postgres
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import Secrets, load_or_create, owner_of
from flowloom_cli.supervision.process import State
from flowloom_cli.topology import HOST, sidecar
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.testing.waiting import wait_until
from tests.chaos.doubling import DoublingLink
from tests.chaos.proxy import FAIR, ChaosProxy, Link, Weather
from tests.integration.small_disk import SmallDisk

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(ROOT / "services/orchestrator/src/orchestrator/testing/stdio_server.py")
START_LIMIT_S = 150
PROXIED = "127.0.0.2"
"""Where a proxy of this folder stands in front of a process; the same port on another loopback address."""

AGENT_SIDECARS = tuple(sidecar(app_id) for app_id in AGENT_APP_IDS)
STORES = ("valkey", "postgres")
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


class Network:
    """The proxies between the processes of one platform, on the loop that they live on."""

    def __init__(self, platform: Platform, thread: LoopThread) -> None:
        self.platform = platform
        self._thread = thread
        self.proxies: dict[str, ChaosProxy] = {}

    async def start(self) -> None:
        """Stand in front of the stores and of the sidecars that work on runs."""
        ports = self.platform.topology
        places = {"valkey": (HOST, ports.valkey), "postgres": (HOST, ports.postgres)}
        for app_id in (AppId.ORCHESTRATOR, *AGENT_APP_IDS):
            places[sidecar(app_id)] = (ports.behind(sidecar(app_id)), ports.dapr_internal(app_id))
        for name, server in places.items():
            self.proxies[name] = await ChaosProxy((PROXIED, server[1]), server).start()

    async def stop(self) -> None:
        for proxy in self.proxies.values():
            await proxy.stop()

    async def change(self, weather: Weather, *names: str) -> None:
        """Change the weather in front of processes."""

        async def change() -> None:
            for name in names:
                self.proxies[name].change(weather)

        await self._thread.wait(change())

    async def part_orchestrator_from_agents(self, weather: Weather) -> None:
        """Let weather strike what agents and orchestrator say to each other, and nobody else."""

        async def change() -> None:
            of_agents = self._connections_of(AGENT_SIDECARS)
            self.proxies[sidecar(AppId.ORCHESTRATOR)].change(weather, only=of_agents)
            for name in AGENT_SIDECARS:
                self.proxies[name].change(weather)

        await self._thread.wait(change())

    def _connections_of(self, names: Iterable[str]) -> "_Connections":
        return _Connections([pid for name in names if (pid := self.platform.pid(name)) is not None])

    async def clear(self) -> None:
        """Make the weather fair everywhere."""
        await self.change(FAIR, *self.proxies)

    async def reset(self, *names: str) -> int:
        """Break every connection to processes; returns how many there were."""

        async def reset() -> int:
            return sum(self.proxies[name].reset() for name in names)

        return await self._thread.wait(reset())

    async def use_link(self, name: str, link: type[Link]) -> None:
        """Change what new connections to a process are made of, and break those there are."""

        async def change() -> None:
            self.proxies[name].link = link
            self.proxies[name].reset()

        await self._thread.wait(change())

    async def doubled_writes(self) -> int:
        """Return how many writes to Valkey have gone out twice over the connections there are."""

        async def count() -> int:
            return sum(x.doubled for x in self.proxies["valkey"].links if isinstance(x, DoublingLink))

        return await self._thread.wait(count())


class _Connections:
    """Tells whether a client's port belongs to one of some processes."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids

    def __call__(self, port: int) -> bool:
        return any(port in _ports(pid) for pid in self._pids)


def _ports(pid: int) -> set[int]:
    try:
        return {taken.laddr.port for taken in psutil.Process(pid).net_connections("tcp4") if taken.laddr}
    except psutil.NoSuchProcess:
        return set()


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

    def __init__(self, home: Path, *, port_base: int, env: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.disk = SmallDisk(home / "flowloom" / "postgres")
        self._base = port_base
        self._env = env or {}
        self.mtls = False
        self.mock = MockProcess(home, port_base + 3)
        self.outside_port = port_base + 150
        """Where a test may play an address that workflows are allowed to call."""
        self._thread = LoopThread()
        self.platform = self._new_platform()
        self.network = Network(self.platform, self._thread)

    def _new_platform(self) -> Platform:
        env = {
            "FLOWLOOM_MODEL_BASE_URL": f"{self.mock.url}/v1",
            "FLOWLOOM_MODEL_NAME": "mock",
            "FLOWLOOM_MODEL_CONTEXT_TOKENS": "8192",
            "FLOWLOOM_MODEL_CALLS_TOOLS": "true",
            "FLOWLOOM_FORBID_PROVIDER_CALLS": "1",
            "FLOWLOOM_OUTBOUND_ALLOW": self.outside_url,
            "FLOWLOOM_AGENT_WEB_ALLOW": self.outside_url,
            "FLOWLOOM_MCP_FILE": str(self.home / "mcp.json"),
            **self._env,
        }
        if "PYTHONPATH" in os.environ:
            # The services come from where the tests do.
            env["PYTHONPATH"] = os.environ["PYTHONPATH"]
        hosts = dict.fromkeys((*STORES, sidecar(AppId.ORCHESTRATOR), *AGENT_SIDECARS), PROXIED)
        return Platform(self.home / "flowloom", port_base=self._base, env=env, hosts=hosts, mtls=self.mtls)

    def start(self) -> None:
        self.disk.mount()
        self._write_programs()
        self._thread.call(self.mock.start(), limit_s=30)
        self._thread.call(self.network.start(), limit_s=10)
        self._thread.call(self.platform.start(), limit_s=START_LIMIT_S)

    def stop(self) -> None:
        self._thread.call(self.platform.stop(), limit_s=90)
        self._thread.call(self.network.stop(), limit_s=10)
        self.mock.stop()
        self._thread.stop()
        self.disk.unmount()

    def _write_programs(self) -> None:
        """Write the operator's file of programs: one small MCP server, which begins when it is called."""
        tools = [{"name": "add", "effect": "none"}, {"name": "about"}, {"name": "die"}]
        server = {"name": "desk", "command": sys.executable, "arguments": ["-I", PROGRAM], "tools": tools}
        file = self.home / "mcp.json"
        file.write_text(json.dumps({"servers": [server]}))
        file.chmod(0o600)

    @property
    def url(self) -> str:
        return self.platform.base_url

    @property
    def outside_url(self) -> str:
        return f"http://{HOST}:{self.outside_port}"

    @property
    def api_key(self) -> str:
        assert self.platform.owner is not None
        return self.platform.owner.api_key

    @property
    def secrets(self) -> Secrets:
        return load_or_create(self.platform.home)

    def database_url(self, service: str, *, as_owner: bool = True) -> str:
        """Return the address of a service's own schema, for asyncpg; its owner sees all workspaces."""
        login = owner_of(service) if as_owner else service
        url = Postgres(self.platform.home, self.platform.topology, self.secrets, env={}).url(login)
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

    def send_signal(self, number: signal.Signals, *names: str) -> None:
        """Send a signal to processes with all of their children, as when a machine is frozen."""
        for name in names:
            pid = self.platform.pid(name)
            if pid is not None:
                leader = psutil.Process(pid)
                for process in (leader, *leader.children(recursive=True)):
                    process.send_signal(number)

    def kill_process(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one process of the platform's, a child of Postgres for example."""
        ours = {self.platform.pid(name) for name in self.platform.names}
        parents = {parent.pid for parent in psutil.Process(pid).parents()}
        assert ours & parents, f"process {pid} is none of this platform's"
        os.kill(pid, number)

    async def a_backend(self, owner: str) -> int | None:
        """Return the Postgres process of a connection that a service has open, the one used last."""
        connection = await asyncpg.connect(self.database_url(owner, as_owner=False))
        try:
            found = await connection.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
                " ORDER BY query_start DESC NULLS LAST LIMIT 1"
            )
        finally:
            await connection.close()
        return None if found is None else int(found)

    async def restart(self, name: str) -> None:
        """Stop one process politely, start it and wait until it is ready."""
        await self._thread.wait(self.platform.restart(name))

    async def all_ready(self, *, within_s: float = 90) -> None:
        """Wait until every process is ready."""
        processes = [self.platform.process(name) for name in self.platform.names]
        await wait_until(lambda: all(process.state is State.READY for process in processes), within_s)

    async def hold(self, name: str) -> None:
        """Kill -9 one process and keep it down."""
        await self._thread.wait(self.platform.hold(name))

    async def release(self, name: str) -> None:
        """Start a held process and wait until it is ready."""
        await self._thread.wait(self.platform.release(name))

    def change_trust(self, *, mtls: bool) -> None:
        """Restart everything with or without certificates, and block; for fixtures of a module."""
        self.mtls = mtls
        self._thread.call(self.restart_everything(), limit_s=2 * START_LIMIT_S)

    async def restart_everything(self) -> None:
        """Stop the whole platform and start it again on the same home."""
        await self._thread.wait(self.platform.stop())
        self.platform = self._new_platform()
        self.network.platform = self.platform
        await self._thread.wait(self.platform.start())
