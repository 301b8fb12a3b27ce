"""Starts what dapr.yaml says as the Dapr CLI does, on the ports of a test."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from dotenv import dotenv_values

from flowloom_cli.parts import run_file
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.supervision.supervisor import Supervisor
from flowloom_cli.topology import DEFAULT_PORT, DEFAULT_PORT_BASE, Topology, sidecar
from tests.integration.stack import ROOT

FLAGS: Final = {
    "appID": "app-id",
    "appPort": "app-port",
    "appProtocol": "app-protocol",
    "appChannelAddress": "app-channel-address",
    "daprHTTPPort": "dapr-http-port",
    "daprGRPCPort": "dapr-grpc-port",
    "daprInternalGRPCPort": "dapr-internal-grpc-port",
    "metricsPort": "metrics-port",
    "apiListenAddresses": "dapr-listen-addresses",
    "maxBodySize": "max-body-size",
    "readBufferSize": "read-buffer-size",
    "placementHostAddress": "placement-host-address",
    "schedulerHostAddress": "scheduler-host-address",
}
"""What the CLI hands to a sidecar under another name."""

APP_VARIABLES: Final = {
    "APP_ID": "appID",
    "APP_PORT": "appPort",
    "DAPR_HTTP_PORT": "daprHTTPPort",
    "DAPR_GRPC_PORT": "daprGRPCPort",
    "DAPR_METRICS_PORT": "metricsPort",
}
"""What the CLI tells an app beside its own environment."""


def apps() -> dict[str, dict[str, Any]]:
    """Return the apps of dapr.yaml by their names, each with what is common to all."""
    document = yaml.safe_load((ROOT / "dapr.yaml").read_text())
    return {app["appID"]: document["common"] | app for app in document["apps"]}


class DaprRun:
    """`dapr run -f .` for one home of a test, whose stores run already."""

    def __init__(self, home: Path, topology: Topology, daprd: Path, *, env: Mapping[str, str]) -> None:
        self._home, self._topology, self._daprd = home, topology, daprd
        given = {name: str(value) for name, value in dotenv_values(home / run_file.VARIABLES).items()}
        # Of a shell that has read the file; the ports of this home are not those of everybody.
        self._env = {
            "PATH": os.environ["PATH"],
            "FLOWLOOM_HOME": str(home),
            "FLOWLOOM_PORT": str(topology.gateway),
            "FLOWLOOM_PORT_BASE": str(topology.base),
            **given,
            **env,
        }
        self._supervisor = Supervisor(home / "logs")

    async def start(self) -> None:
        """Start every app with its sidecar and wait until each answers."""
        parts = [part for app in apps().values() for part in (self._sidecar(app), self._app(app))]
        await self._supervisor.start(parts, [])

    async def stop(self) -> None:
        await self._supervisor.stop()

    def _sidecar(self, app: Mapping[str, Any]) -> Part:
        flags = [f"--{flag}={self._moved(app[key])}" for key, flag in FLAGS.items()]
        flags += [f"--resources-path={self._placed(path)}" for path in app["resourcesPaths"]]
        flags.append(f"--config={self._placed(app['configFilePath'])}")
        port = int(self._moved(app["daprHTTPPort"]))
        return Part(
            name=sidecar(app["appID"]),
            command=(str(self._daprd), *flags),
            ready=answers_http(port, "/v1.0/healthz"),
            port=port,
            cwd=ROOT,
            env=self._env,
        )

    def _app(self, app: Mapping[str, Any]) -> Part:
        port = int(self._moved(app["appPort"]))
        told = {name: self._moved(app[key]) for name, key in APP_VARIABLES.items()}
        return Part(
            name=app["appID"],
            command=tuple(app["command"]),
            ready=answers_http(port, "/healthz"),
            port=port,
            cwd=ROOT / app["appDirPath"],
            env={**self._env, **told},
        )

    def _placed(self, path: str) -> Path:
        """Return where a path below .flowloom lies in this home."""
        return self._home / Path(path).relative_to(".flowloom")

    def _moved(self, value: object) -> str:
        """Return a value with the ports of this home in place of the default ones."""
        text = str(value)
        address, colon, port = text.rpartition(":")
        if not port.isdigit():
            return text
        ours = int(port) - DEFAULT_PORT_BASE + self._topology.base
        return f"{address}{colon}{self._topology.gateway if int(port) == DEFAULT_PORT else ours}"
