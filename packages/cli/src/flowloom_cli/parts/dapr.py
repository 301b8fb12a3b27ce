"""Dapr on one machine: rendered components, its control plane and one sidecar a service."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from flowloom_cli.parts.flags import flags
from flowloom_cli.parts.trust import CONTROL_PLANE, NAMESPACE, Trust
from flowloom_cli.parts.valkey_users import SIDECARS
from flowloom_cli.private_files import write_private
from flowloom_cli.secrets import Secrets
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.topology import HOST, Topology, sidecar

SECRETS_IN_CONTAINERS: Final = "/run/secrets/flowloom.json"
"""What dapr/components/secrets.yaml says; the local platform puts its own path there."""

NEEDS_IDENTITIES: Final = "workflow-access.yaml"
"""Rules by the caller's certificate: without mTLS they would refuse everybody."""

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
    """The programs of the runtime."""

    daprd: Path
    placement: Path
    scheduler: Path
    sentry: Path


class Dapr:
    """The Dapr side of one home."""

    def __init__(
        self,
        home: Path,
        topology: Topology,
        binaries: DaprBinaries,
        *,
        env: Mapping[str, str],
        trust: Trust | None = None,
    ) -> None:
        self._folder = home / "dapr"
        self._topology = topology
        self._binaries = binaries
        self._env = env
        self._trust = trust

    def render(self, source: Path, *, postgres: str, secrets: Secrets) -> None:
        """Write components, configuration and the secret file of this home from those of the repository."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret_file = self._folder / "secrets.json"
        stores = {
            "postgres": postgres,
            "redisHost": f"{self._topology.host('valkey')}:{self._topology.valkey}",
            "redisUsername": SIDECARS,
            "redisPassword": secrets.redis_users[SIDECARS],
        }
        write_private(secret_file, json.dumps({"stores": stores}))
        components, configuration = self._emptied("components"), self._emptied("configuration")
        for file in sorted((source / "components").glob("*.yaml")):
            if self._trust is not None or file.name != NEEDS_IDENTITIES:
                text = file.read_text().replace(SECRETS_IN_CONTAINERS, str(secret_file))
                (components / file.name).write_text(text)
        for file in sorted((source / "configuration").glob("*.yaml")):
            (configuration / file.name).write_text(self._permissions(file.read_text()))
        names = self._folder / "names.db"
        (self._folder / "local.yaml").write_text(NAME_RESOLUTION.format(database=names))

    def _emptied(self, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _permissions(self, text: str) -> str:
        """Leave out who may call whom where sidecars cannot tell each other: it would refuse everybody."""
        if self._trust is not None:
            return text
        document = yaml.safe_load(text)
        document["spec"].pop("accessControl", None)
        return yaml.safe_dump(document, sort_keys=False)

    def sentry(self) -> Part:
        """Describe the certificate authority; needs an established trust."""
        if self._trust is None:
            raise ValueError("sentry has nothing to do without mTLS")
        ports = self._topology
        options: dict[str, str | int] = {
            "port": ports.sentry,
            "listen-address": HOST,
            "healthz-port": ports.sentry_health,
            "healthz-listen-address": HOST,
            "metrics-port": ports.sentry_metrics,
            "metrics-listen-address": HOST,
            "issuer-credentials": str(self._trust.folder),
            "trust-domain": CONTROL_PLANE,
            "config": str(self._trust.configuration),
        }
        return Part(
            name="sentry",
            command=(str(self._binaries.sentry), *flags(options)),
            ready=answers_http(ports.sentry_health, "/healthz"),
            port=ports.sentry,
            cwd=self._folder,
            env=self._env,
            stage=1,
        )

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
            **self._control_plane_identity(),
        }
        return Part(
            name="placement",
            command=(str(self._binaries.placement), *flags(options)),
            ready=answers_http(ports.placement_health, "/healthz"),
            port=ports.placement,
            cwd=self._folder,
            env={**self._env, **self._asks_sentry_as("placement")},
            needs=self._authority,
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
            "identity-directory-write": str(self._folder / "scheduler-identity"),
            **self._control_plane_identity(),
        }
        return Part(
            name="scheduler",
            command=(str(self._binaries.scheduler), *flags(options)),
            ready=answers_http(ports.scheduler_health, "/healthz"),
            port=ports.scheduler,
            cwd=self._folder,
            env={**self._env, **self._asks_sentry_as("scheduler")},
            needs=self._authority,
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
                "DAPR_HOST_IP": self._topology.host(sidecar(app_id)),
                "DAPR_API_TOKEN": secrets.dapr_api_tokens[app_id],
                "APP_API_TOKEN": secrets.app_api_tokens[app_id],
                **self._asks_sentry_as(app_id),
            },
            needs=("databases", "valkey", "placement", "scheduler", *self._authority),
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
            "dapr-internal-grpc-listen-address": ports.behind(sidecar(app_id)),
            "metrics-port": ports.dapr_metrics(app_id),
            "metrics-listen-address": HOST,
            "max-body-size": "16Mi",
            "read-buffer-size": "32Ki",
            "dapr-graceful-shutdown-seconds": 3,
            "placement-host-address": f"{HOST}:{ports.placement}",
            "scheduler-host-address": f"{HOST}:{ports.scheduler}",
            "resources-path": str(self._folder / "components"),
            **self._workload_identity(),
        }

    @property
    def _authority(self) -> tuple[str, ...]:
        return () if self._trust is None else ("sentry",)

    @property
    def _sentry_address(self) -> str:
        return f"{HOST}:{self._topology.sentry}"

    def _control_plane_identity(self) -> dict[str, str]:
        if self._trust is None:
            return {}
        return {
            "tls-enabled": "true",
            "trust-domain": CONTROL_PLANE,
            "trust-anchors-file": str(self._trust.anchors_file),
            "sentry-address": self._sentry_address,
        }

    def _workload_identity(self) -> dict[str, str]:
        if self._trust is None:
            return {}
        return {
            "enable-mtls": "true",
            "control-plane-trust-domain": CONTROL_PLANE,
            "control-plane-namespace": NAMESPACE,
            "sentry-address": self._sentry_address,
        }

    def _asks_sentry_as(self, name: str) -> dict[str, str]:
        if self._trust is None:
            return {}
        return {
            "NAMESPACE": NAMESPACE,
            "DAPR_TRUST_ANCHORS": self._trust.anchors,
            "DAPR_SENTRY_TOKEN_FILE": str(self._trust.token_file(name)),
        }

    def _config(self, app_id: str) -> tuple[str, str]:
        # Given twice, the later file fills in what differs on this machine.
        permissions = self._folder / "configuration" / f"{app_id}.yaml"
        return f"--config={permissions}", f"--config={self._folder / 'local.yaml'}"
