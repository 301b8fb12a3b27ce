"""Prometheus and its exporters beside a platform of this machine, and what they read there."""

import os
import shutil
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import yaml

from benchmarks.core.memory import Footprint, footprint
from benchmarks.core.site import ROOT, process
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import load_or_create
from flowloom_cli.supervision.readiness import answers_http, wait_ready
from flowloom_cli.topology import APP_IDS, HOST, Topology

MONITORING: Final = ROOT / "monitoring"
START_LIMIT_S: Final = 40.0


@dataclass(frozen=True)
class Watchers:
    """The running programs; paused, they read nothing."""

    processes: Mapping[str, Process]

    def pause(self) -> None:
        self._tell(signal.SIGSTOP)

    def go_on(self) -> None:
        self._tell(signal.SIGCONT)

    def footprints(self) -> dict[str, Footprint]:
        return {name: footprint(name, running.pid) for name, running in self.processes.items()}

    def _tell(self, number: signal.Signals) -> None:
        for running in self.processes.values():
            running.send_signal(number)


@asynccontextmanager
async def watching(platform: Platform, folder: Path, *, port_base: int) -> AsyncIterator[Watchers]:
    """Start both exporters and Prometheus with the committed rules and intervals; raises RuntimeError."""
    postgres, redis, prometheus = (port_base + offset for offset in (170, 171, 172))
    secrets = load_or_create(platform.home)
    login = f"flowloom_monitoring:{secrets.roles['monitoring']}@{HOST}:{platform.topology.postgres}"
    file = folder / "prometheus.yml"
    jobs = scrapes(platform.topology, postgres=postgres, redis=redis)
    file.write_text(yaml.safe_dump(_committed() | {"scrape_configs": jobs}, sort_keys=False))
    commands: dict[str, tuple[int, list[str], dict[str, str]]] = {
        "prometheus-postgres-exporter": (
            postgres,
            [
                f"--web.listen-address={HOST}:{postgres}",
                f"--extend.query-path={MONITORING}/postgres/queries.yml",
            ],
            {"DATA_SOURCE_NAME": f"postgresql://{login}/flowloom?sslmode=disable"},
        ),
        "prometheus-redis-exporter": (
            redis,
            ["-web.listen-address", f"{HOST}:{redis}"],
            {
                "REDIS_ADDR": f"redis://{HOST}:{platform.topology.valkey}",
                "REDIS_USER": "monitoring",
                "REDIS_PASSWORD": secrets.redis_users["monitoring"],
            },
        ),
        "prometheus": (
            prometheus,
            [
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={HOST}:{prometheus}",
            ],
            {},
        ),
    }
    async with AsyncExitStack() as running:
        started = {}
        for name, (port, options, env) in commands.items():
            whole = {"PATH": os.environ["PATH"], **env}
            one = process(_program(name), *options, cwd=folder, env=whole, quiet=True)
            started[name] = await running.enter_async_context(one)
            path = "/-/ready" if name == "prometheus" else "/metrics"
            if not await wait_ready(answers_http(port, path), limit_s=START_LIMIT_S):
                raise RuntimeError(f"{name} does not start")
        watchers = Watchers(started)
        # A paused program cannot end.
        running.callback(watchers.go_on)
        yield watchers


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not on PATH: Debian has it, and .ci/run unpacks it")
    return found


def _committed() -> dict[str, object]:
    """Return intervals and rules of monitoring/prometheus, with paths of this machine."""
    document = yaml.safe_load((MONITORING / "prometheus" / "prometheus.yml").read_text())
    rules = [str(MONITORING / "prometheus" / name) for name in document["rule_files"]]
    return {"global": document["global"], "rule_files": rules}


def scrapes(topology: Topology, *, postgres: int, redis: int) -> list[dict[str, object]]:
    """Return the jobs of monitoring/prometheus/prometheus.yml, as they are on one machine."""
    control_plane = {"placement": topology.placement_metrics, "scheduler": topology.scheduler_metrics}
    return [
        _job("flowloom", {app_id: topology.metrics(app_id) for app_id in APP_IDS}) | {"honor_labels": True},
        _job("dapr", {app_id: topology.dapr_metrics(app_id) for app_id in APP_IDS}),
        _job("dapr-control-plane", control_plane),
        _job("postgres", {"postgres": postgres}),
        _job("redis", {"redis": redis}),
    ]


def addresses(job: Mapping[str, object]) -> list[str]:
    """Return the addresses that a job reads."""
    configs = cast(list[dict[str, list[str]]], job["static_configs"])
    return [f"http://{target}/metrics" for config in configs for target in config["targets"]]


def _job(name: str, ports: Mapping[str, int]) -> dict[str, object]:
    targets = [
        {"targets": [f"{HOST}:{port}"], "labels": {"service": service}} for service, port in ports.items()
    ]
    return {"job_name": name, "static_configs": targets}
