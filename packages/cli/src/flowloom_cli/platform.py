"""A whole local platform as an object: what `flowloom up` runs and integration tests embed."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from flowloom_cli.blueprint import Site, draw, part_names
from flowloom_cli.errors import CliError, PartFailedError
from flowloom_cli.owner import Owner, ensure_owner
from flowloom_cli.parts import dapr_binaries
from flowloom_cli.parts.services import is_installed
from flowloom_cli.secrets import ensure_keys, load_or_create
from flowloom_cli.settings import Settings
from flowloom_cli.status_file import PlatformStatus, ProcessStatus, write_status
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_cli.supervision.ports import require_free
from flowloom_cli.supervision.process import SupervisedProcess
from flowloom_cli.supervision.readiness import answers_http, wait_ready
from flowloom_cli.supervision.supervisor import Report, Supervisor, silent
from flowloom_cli.topology import APP_IDS, DEFAULT_PORT_BASE, Topology
from flowloom_contracts.topics import AppId

WHOLE_READY_LIMIT_S: Final = 90.0
"""How long after its last process the platform may take until it can carry out a run."""


class Platform:
    """Postgres, Valkey, model, Dapr and services under one supervisor.

    `env` is added to the environment of every service (`FLOWLOOM_MODEL_BASE_URL` there replaces the
    embedded model), `parts` names the services to run (all seven by default), `gateway_port` defaults to
    `port_base + 20`, `hosts` is the topology's, `mtls` gives sidecars certificates and rules of who may call
    whom, `kong` is the program at the edge, `backups` is where every change is archived, `stores_only` leaves
    services and sidecars to somebody else. A crash of any part is healed until `stop` or `hold`.
    """

    def __init__(
        self,
        home: Path,
        *,
        port_base: int = DEFAULT_PORT_BASE,
        gateway_port: int | None = None,
        env: Mapping[str, str] | None = None,
        parts: Sequence[str] = APP_IDS,
        mtls: bool = False,
        kong: Path | None = None,
        backups: Path | None = None,
        hosts: Mapping[str, str] | None = None,
        stores_only: bool = False,
        report: Report = silent,
        on_output: Callable[[str, bytes], None] = lambda _name, _chunk: None,
    ) -> None:
        self.home = home.absolute()
        self.topology = Topology(
            base=port_base,
            gateway=gateway_port or port_base + 20,
            hosts=hosts or {},
            edge=kong is not None,
        )
        self.owner: Owner | None = None
        self._app_ids = tuple(app_id for app_id in APP_IDS if app_id in (parts or APP_IDS))
        self._overrides = dict(env or {})
        self._mtls = mtls
        self._kong = kong
        self._backups = backups
        self._stores_only = stores_only
        self._report = report
        self._lock = HomeLock(self.home)
        self._ready = False
        self._failure = ""
        self._supervisor = Supervisor(
            self.home / "logs", report=report, on_change=self._publish_status, on_output=on_output
        )

    @property
    def base_url(self) -> str:
        """Address of the public interface."""
        return self.topology.base_url

    @property
    def names(self) -> list[str]:
        """Names of all processes."""
        return list(self._supervisor.processes)

    async def start(self) -> None:
        """Start everything and return when the platform can take and carry out a run.

        Raises AlreadyRunningError, PortTakenError or PartFailedError; what had started is stopped again.
        """
        self._make_home()
        self._lock.take()
        started = False
        try:
            await self._start()
            started = True
        except CliError as error:
            self._failure = error.message
            raise
        finally:
            if not started:
                await self.stop()

    async def _start(self) -> None:
        site = Site(
            self.home,
            self.topology,
            self._app_ids,
            load_or_create(self.home),
            self._overrides,
            mtls=self._mtls,
            kong=self._kong,
            backups=self._backups,
            stores_only=self._stores_only,
        )
        self._require_services()
        names = part_names(
            () if self._stores_only else self._app_ids,
            own_model=site.has_own_model,
            mtls=self._mtls,
            edge=self._kong is not None,
            archive=self._backups is not None,
        )
        require_free({port: name for name in names for port in self.topology.ports_of(name)})
        ensure_keys(self.home / "keys")
        binaries = await asyncio.to_thread(
            dapr_binaries.obtain, Settings.load(), self._report, mtls=self._mtls
        )
        blueprint = draw(site, binaries)
        await self._supervisor.start(blueprint.parts, blueprint.steps)
        if AppId.GATEWAY in self._app_ids and not self._stores_only:
            await self._open(site)
        self._ready = True
        self._publish_status()

    async def _open(self, site: Site) -> None:
        """Wait until the whole can carry out a run, then see that its owner exists."""
        if set(self._app_ids) == set(APP_IDS):
            probe = answers_http(self.topology.gateway, "/readyz")
            if not await wait_ready(probe, limit_s=WHOLE_READY_LIMIT_S):
                raise PartFailedError(
                    "gateway",
                    "all processes run, but /readyz does not say that a run can be carried out",
                    hint=f"`curl {self.base_url}/readyz` names what is missing",
                )
        self.owner = await ensure_owner(
            self.home,
            base_url=self.base_url,
            setup_token=site.secrets.setup_token,
            password=site.secrets.owner_password,
        )

    async def stop(self) -> None:
        """Stop everything in reverse order; safe in any state and more than once."""
        self._ready = False
        await self._supervisor.stop()
        self._publish_status()
        self._lock.release()

    def process(self, name: str) -> SupervisedProcess:
        """Return a process by its name; raises KeyError for an unknown one."""
        return self._supervisor.processes[name]

    def pid(self, name: str) -> int | None:
        """Return the process id, None while the process is down."""
        return self.process(name).pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one process; the supervisor restarts what dies."""
        self.process(name).kill(number)

    async def hold(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End one process and keep it down until `release`."""
        process = self.process(name)
        process.kill(number)
        await process.stop()

    async def release(self, name: str) -> None:
        """Start a held process and wait until it is ready."""
        await self.process(name).start()

    async def restart(self, name: str) -> None:
        """Stop one process politely, start it and wait until it is ready."""
        process = self.process(name)
        await process.stop()
        await process.start()

    async def wait_ready(self, name: str, *, limit_s: float = 60.0) -> None:
        """Wait until a process is ready (again); raises TimeoutError."""
        await asyncio.wait_for(self.process(name).wait_ready(), limit_s)

    def status(self) -> PlatformStatus:
        """Return the state of all processes."""
        processes = [
            ProcessStatus(
                name=name,
                pid=process.pid,
                state=process.state.value,
                port=process.part.port,
                restarts=process.restarts,
            )
            for name, process in self._supervisor.processes.items()
        ]
        return PlatformStatus(
            ready=self._ready and self._supervisor.all_ready,
            processes=processes,
            url=self.base_url,
            supervisor=os.getpid(),
            failure=self._failure,
        )

    def _publish_status(self) -> None:
        write_status(self.home, self.status())

    def _make_home(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.chmod(0o700)
        (self.home / "run").mkdir(exist_ok=True)
        (self.home / "logs").mkdir(exist_ok=True)

    def _require_services(self) -> None:
        missing = [app_id for app_id in self._app_ids if not is_installed(app_id)]
        if missing:
            raise PartFailedError(missing[0], "the service is not installed", hint="run `make setup`")
