"""The seven services as local processes, with the environment each is allowed to see."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowloom_cli.parts.flags import flags
from flowloom_cli.secrets import ACCESS_KEY, Secrets
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.topology import HOST, Topology
from flowloom_contracts.topics import AppId

WITH_DATABASE: Final = (AppId.GATEWAY.value, AppId.ORCHESTRATOR.value, AppId.MEMORY.value)


def import_name(app_id: str) -> str:
    """Return the Python package of a service."""
    return app_id.replace("-", "_")


def is_installed(app_id: str) -> bool:
    """Tell whether a service has an app to start."""
    package = importlib.util.find_spec(import_name(app_id))
    folders = package.submodule_search_locations if package else None
    return any((Path(folder) / "main.py").exists() for folder in folders or ())


@dataclass(frozen=True)
class ServiceSetting:
    """What all services of one platform have in common."""

    home: Path
    topology: Topology
    secrets: Secrets
    database_urls: Mapping[str, str]
    owner_urls: Mapping[str, str]
    model_env: Mapping[str, str]
    embeddings: Path
    templates: Path
    env: Mapping[str, str]
    page: Path | None = None

    def environment(self, app_id: str) -> dict[str, str]:
        """Return the whole environment of one service: its own database, its own tokens."""
        env = {
            **self.env,
            "FLOWLOOM_HOME": str(self.home),
            "FLOWLOOM_KEYS_DIR": str(self.home / "keys"),
            "FLOWLOOM_REDIS_URL": self._redis_url(app_id),
            "DAPR_HTTP_PORT": str(self.topology.dapr_http(app_id)),
            "DAPR_GRPC_PORT": str(self.topology.dapr_grpc(app_id)),
            "DAPR_RUNTIME_HOST": HOST,
            "DAPR_API_TOKEN": self.secrets.dapr_api_tokens[app_id],
            "APP_API_TOKEN": self.secrets.app_api_tokens[app_id],
            **self.model_env,
        }
        if app_id in WITH_DATABASE:
            env[f"FLOWLOOM_{app_id.upper()}_DATABASE_URL"] = self.database_urls[app_id]
        if app_id == AppId.GATEWAY:
            env |= self._gateway()
        if app_id == AppId.MEMORY:
            env["FLOWLOOM_MEMORY_EMBEDDING_MODEL_DIR"] = str(self.embeddings)
        return env

    def migration_environment(self, app_id: str) -> dict[str, str]:
        """Return the environment of a service's migrations, which sign in as the owner of its tables."""
        owner = {f"FLOWLOOM_{app_id.upper()}_DATABASE_URL": self.owner_urls[app_id]}
        return self.environment(app_id) | owner

    def _redis_url(self, app_id: str) -> str:
        login = f"{app_id}:{self.secrets.redis_users[app_id]}"
        return f"redis://{login}@{self.topology.host('valkey')}:{self.topology.valkey}/0"

    def _gateway(self) -> dict[str, str]:
        edge = {"FLOWLOOM_EDGE_SECRET": self.secrets.edge} if self.topology.edge else {}
        return {
            **edge,
            "FLOWLOOM_GATEWAY_SETUP_TOKEN": self.secrets.setup_token,
            "FLOWLOOM_GATEWAY_SIGNING_KEY_FILE": str(self.home / "keys" / f"{ACCESS_KEY}.key.pem"),
            "FLOWLOOM_GATEWAY_PUBLIC_URL": self.topology.base_url,
            "FLOWLOOM_GATEWAY_TEMPLATES_DIR": str(self.templates),
            "FLOWLOOM_PORT": str(self.topology.gateway),
            **({"FLOWLOOM_GATEWAY_PAGE_DIR": str(self.page)} if self.page is not None else {}),
        }


def service(app_id: str, setting: ServiceSetting) -> Part:
    """Describe one service's process."""
    port = setting.topology.app(app_id)
    app = f"{import_name(app_id)}.main:app"
    needs: tuple[str, ...] = ("valkey", migration(app_id)) if app_id in WITH_DATABASE else ("valkey",)
    return Part(
        name=app_id,
        command=(
            sys.executable,
            "-m",
            "flowloom_servicekit.serve",
            *flags({"host": HOST, "port": port}),
            app,
        ),
        ready=answers_http(port, "/healthz"),
        port=port,
        cwd=setting.home / "run",
        env={
            **setting.environment(app_id),
            "FLOWLOOM_METRICS_HOST": HOST,
            "FLOWLOOM_METRICS_PORT": str(setting.topology.metrics(app_id)),
        },
        needs=needs,
        stage=3,
    )


def migration(app_id: str) -> str:
    """Return the name of the step that brings a service's tables up to date."""
    return f"{app_id} tables"


def migration_command(app_id: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"{import_name(app_id)}.migrate")
