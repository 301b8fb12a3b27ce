"""Prometheus and the exporters of Debian as processes beside a platform under test."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import httpx
import pytest
import yaml

from benchmarks.operations.watchers import scrapes
from flowloom_cli.topology import HOST
from tests.integration.stack import ROOT, Stack

NEEDED: Final = (
    "prometheus",
    "promtool",
    "amtool",
    "prometheus-postgres-exporter",
    "prometheus-redis-exporter",
)
RULES: Final = ROOT / "monitoring" / "prometheus" / "rules"
SCRAPE: Final = "2s"
LIMIT_S: Final = 40.0


def program(name: str) -> str:
    """Return where a program of Debian's monitoring packages lies; skips the test, by name, without it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on PATH: Debian has it, and .ci/run unpacks it")
    return found


class Process:
    """A program that listens, until the block ends."""

    def __init__(self, command: Sequence[str], folder: Path, *, url: str, env: Mapping[str, str]) -> None:
        self._command = list(command)
        self._log = folder / f"{Path(command[0]).name}.log"
        self._url = url
        self._env = {"PATH": os.environ["PATH"], **env}

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=self._env)
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx.get(self._url, trust_env=False, timeout=2).is_success:
                    return self
            except httpx.TransportError:
                self._process_waits()
        self.__exit__()
        raise AssertionError(f"{self._command[0]} did not start: {self._log.read_text()[-2000:]}")

    def _process_waits(self) -> None:
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            return

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


class Watch:
    """The exporters and Prometheus of one platform, on ports above those of the platform."""

    def __init__(self, stack: Stack, folder: Path, *, port_base: int) -> None:
        self._stack, self._folder = stack, folder
        self._topology = stack.platform.topology
        self.postgres, self.redis, self.prometheus = (port_base + offset for offset in (170, 171, 172))
        self.url = f"http://{HOST}:{self.prometheus}"

    def processes(self) -> list[Process]:
        """Return what has to be started, in this order."""
        return [self._postgres_exporter(), self._redis_exporter(), self._prometheus()]

    def _postgres_exporter(self) -> Process:
        password = self._stack.secrets.roles["monitoring"]
        login = f"flowloom_monitoring:{password}@{HOST}:{self._topology.postgres}"
        return Process(
            [
                program("prometheus-postgres-exporter"),
                f"--web.listen-address={HOST}:{self.postgres}",
                f"--extend.query-path={ROOT}/monitoring/postgres/queries.yml",
            ],
            self._folder,
            url=f"http://{HOST}:{self.postgres}/metrics",
            env={"DATA_SOURCE_NAME": f"postgresql://{login}/flowloom?sslmode=disable"},
        )

    def _redis_exporter(self) -> Process:
        return Process(
            [program("prometheus-redis-exporter"), "-web.listen-address", f"{HOST}:{self.redis}"],
            self._folder,
            url=f"http://{HOST}:{self.redis}/metrics",
            env={
                "REDIS_ADDR": f"redis://{HOST}:{self._topology.valkey}",
                "REDIS_USER": "monitoring",
                "REDIS_PASSWORD": self._stack.secrets.redis_users["monitoring"],
            },
        )

    def _prometheus(self) -> Process:
        rules = [self._rules_at_once(name) for name in ("recording.yml", "alerts.yml")]
        configuration = {
            "global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
            "rule_files": [str(path) for path in rules],
            "scrape_configs": scrapes(self._topology, postgres=self.postgres, redis=self.redis),
        }
        file = self._folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(configuration, sort_keys=False))
        return Process(
            [
                program("prometheus"),
                f"--config.file={file}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address={HOST}:{self.prometheus}",
            ],
            self._folder,
            url=f"{self.url}/-/ready",
            env={},
        )

    def _rules_at_once(self, name: str) -> Path:
        """Copy a file of rules with groups that are evaluated all the time: a test has no five minutes."""
        document = yaml.safe_load((RULES / name).read_text())
        for group in document["groups"]:
            group["interval"] = SCRAPE
        path = self._folder / name
        path.write_text(yaml.safe_dump(document, sort_keys=False, width=10_000))
        return path
