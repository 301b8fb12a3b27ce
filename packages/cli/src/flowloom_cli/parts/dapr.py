"""Dapr on one machine: rendered components, placement, scheduler and one sidecar a service."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowloom_cli.parts.flags import flags
from flowloom_cli.private_files import write_private
from flowloom_cli.secrets import Secrets
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.topology import HOST, Topology, sidecar

SECRETS_IN_CONTAINERS: Final = "/run/secrets/flowloom.json"
"""What dapr/components/secrets.yaml says; the local platform puts its own path there."""

NAME_RESOLUTION: Final = """\
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: local
spec:
  nameResolution:
    component: sqlite
    version: v1
    configuration:
      connectionString: "{database}"
"""


@dataclass(frozen=True)
class DaprBinaries:
    """The three programs of the runtime."""

    daprd: Path
    placement: Path
    scheduler: Path


class Dapr:
    """The Dapr side of one home."""

    def __init__(
        self, home: Path, topology: Topology, binaries: DaprBinaries, *, env: Mapping[str, str]
    ) -> None:
        self._folder = home / "dapr"
        self._topology = topology
        self._binaries = binaries
        self._env = env

    def render(self, source: Path, *, postgres: str, secrets: Secrets) -> None:
        """Write components, configuration and the secret file of this home from those of the repository."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret_file = self._folder / "secrets.json"
        stores = {
            "postgres": postgres,
            "redisHost": f"{HOST}:{self._topology.valkey}",
            "redisPassword": secrets.redis,
        }
        write_private(secret_file, json.dumps({"stores": stores}))
        components = self._folder / "components"
        shutil.rmtree(components, ignore_errors=True)
        components.mkdir()
        for file in sorted((source / "components").glob("*.yaml")):
            text = file.read_text().replace(SECRETS_IN_CONTAINERS, str(secret_file))
            (components / file.name).write_text(text)
        shutil.copytree(source / "configuration", self._folder / "configuration", dirs_exist_ok=True)
        names = self._folder / "names.db"
        (self._folder / "local.yaml").write_text(NAME_RESOLUTION.format(database=names))

    def placement(self) -> Part:
        """Describe the placement service, which knows where actors live."""
        ports = self._topology
        options: dict[str, str | int] = {
            "port": ports.placement,
            "listen-address": HOST,
            "healthz-port": ports.placement_health,
            "healthz-listen-address": HOST,
            "metrics-port": ports.placement_metrics,
            "metrics-listen-address": HOST,
            "initial-cluster": f"dapr-placement-0={HOST}:{ports.placement_raft}",
        }
        return Part(
            name="placement",
            command=(str(self._binaries.placement), *flags(options)),
            ready=answers_http(ports.placement_health, "/healthz"),
            port=ports.placement,
            cwd=self._folder,
            env=self._env,
            stage=1,
        )

    def scheduler(self) -> Part:
        """Describe the scheduler, whose folder must survive: losing it loses wake-ups."""
        ports = self._topology
        data = self._folder / "scheduler"
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        options: dict[str, str | int] = {
            "port": ports.scheduler,
            "listen-address": HOST,
            "healthz-port": ports.scheduler_health,
            "healthz-listen-address": HOST,
            "metrics-port": ports.scheduler_metrics,
            "metrics-listen-address": HOST,
            "etcd-data-dir": str(data),
            "etcd-client-port": ports.scheduler_client,
            "etcd-client-listen-address": HOST,
            "etcd-initial-cluster": f"dapr-scheduler-server-0=http://{HOST}:{ports.scheduler_peer}",
            "override-broadcast-host-port": f"{HOST}:{ports.scheduler}",
        }
        return Part(
            name="scheduler",
            command=(str(self._binaries.scheduler), *flags(options)),
            ready=answers_http(ports.scheduler_health, "/healthz"),
            port=ports.scheduler,
            cwd=self._folder,
            env=self._env,
            stage=1,
        )

    def sidecar(self, app_id: str, secrets: Secrets) -> Part:
        """Describe the sidecar of one service."""
        port = self._topology.dapr_http(app_id)
        return Part(
            name=sidecar(app_id),
            command=(str(self._binaries.daprd), *flags(self._sidecar_options(app_id)), *self._config(app_id)),
            ready=answers_http(port, "/v1.0/healthz"),
            port=port,
            cwd=self._folder,
            env={
                **self._env,
                "DAPR_HOST_IP": HOST,
                "DAPR_API_TOKEN": secrets.dapr_api_tokens[app_id],
                "APP_API_TOKEN": secrets.app_api_tokens[app_id],
            },
            needs=("databases", "valkey", "placement", "scheduler"),
            stage=2,
        )

    def _sidecar_options(self, app_id: str) -> dict[str, str | int]:
        ports = self._topology
        return {
            "app-id": app_id,
            "mode": "standalone",
            "app-port": ports.app(app_id),
            "app-protocol": "http",
            "app-channel-address": HOST,
            "dapr-http-port": ports.dapr_http(app_id),
            "dapr-grpc-port": ports.dapr_grpc(app_id),
            "dapr-internal-grpc-port": ports.dapr_internal(app_id),
            "dapr-listen-addresses": HOST,
            "dapr-internal-grpc-listen-address": HOST,
            "metrics-port": ports.dapr_metrics(app_id),
            "metrics-listen-address": HOST,
            "max-body-size": "16Mi",
            "read-buffer-size": "32Ki",
            "dapr-graceful-shutdown-seconds": 3,
            "placement-host-address": f"{HOST}:{ports.placement}",
            "scheduler-host-address": f"{HOST}:{ports.scheduler}",
            "resources-path": str(self._folder / "components"),
        }

    def _config(self, app_id: str) -> tuple[str, str]:
        # Given twice, the later file fills in what differs on this machine.
        permissions = self._folder / "configuration" / f"{app_id}.yaml"
        return f"--config={permissions}", f"--config={self._folder / 'local.yaml'}"
