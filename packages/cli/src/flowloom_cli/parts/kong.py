"""Kong at the edge of a local platform, where the program is found; the gateway checks everything again."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from flowloom_cli import checkout
from flowloom_cli.errors import MissingBinaryError, PartFailedError
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.topology import HOST, Topology

CONFIGURATION: Final = "edge configuration"
DECLARATIVE: Final = "kong.yml"
RENDER_LIMIT_S: Final = 30

# The same as in deploy/compose/kong.yml, where a test compares them.
SETTINGS: Final = {
    "KONG_DATABASE": "off",
    "KONG_ADMIN_LISTEN": "off",
    "KONG_ADMIN_GUI_LISTEN": "off",
    "KONG_HEADERS": "off",
    "KONG_TRUSTED_IPS": "",
    "KONG_REAL_IP_RECURSIVE": "on",
    "KONG_ANONYMOUS_REPORTS": "off",
    "KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE": "24m",
    "KONG_NGINX_HTTP_LARGE_CLIENT_HEADER_BUFFERS": "4 16k",
    "KONG_NGINX_PROXY_CLIENT_BODY_TIMEOUT": "15s",
    "KONG_NGINX_PROXY_CLIENT_HEADER_TIMEOUT": "10s",
    "KONG_PLUGINS": "pre-function,correlation-id,prometheus,jwt,key-auth,rate-limiting,"
    "request-size-limiting,cors,request-termination",
    "KONG_PROXY_ACCESS_LOG": "/dev/stdout",
    "KONG_PROXY_ERROR_LOG": "/dev/stderr",
    "KONG_STATUS_ACCESS_LOG": "off",
}


def find_kong(wanted: Literal["auto", "kong", "none"]) -> Path | None:
    """Return the program, None where there is to be none; raises MissingBinaryError if it must be there."""
    found = None if wanted == "none" else shutil.which("kong")
    if found is None and wanted == "kong":
        raise MissingBinaryError("there is no kong on PATH", hint="install Kong 3.9, or unset FLOWLOOM_EDGE")
    return None if found is None else Path(found)


def render(home: Path, topology: Topology, *, secret: str) -> None:
    """Write the declarative file of this home; raises PartFailedError with what is missing."""
    root = checkout.root()
    folder = home / "kong"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, str(root / "scripts" / "render_kong.py"), str(root / "kong" / DECLARATIVE)]
    answer = subprocess.run(
        [*command, str(folder / DECLARATIVE)],
        env={
            "FLOWLOOM_EDGE_GATEWAYS": f"{HOST}:{topology.behind_edge}",
            "FLOWLOOM_EDGE_ORIGINS": f"http://{HOST}:{topology.gateway},http://localhost:{topology.gateway}",
            "FLOWLOOM_EDGE_SECRET": secret,
            "FLOWLOOM_EDGE_KEYS_DIR": str(home / "keys"),
            "FLOWLOOM_EDGE_MACHINES": "",
        },
        capture_output=True,
        text=True,
        timeout=RENDER_LIMIT_S,
        check=False,
    )
    if answer.returncode != 0:
        raise PartFailedError("kong", answer.stderr.strip())


def kong(program: Path, home: Path, topology: Topology, *, env: Mapping[str, str]) -> Part:
    """Describe the process at the edge."""
    folder = home / "kong"
    return Part(
        name="kong",
        command=(str(program), "start"),
        ready=answers_http(topology.edge_status, "/status/ready"),
        port=topology.gateway,
        cwd=home / "run",
        env={
            **env,
            **SETTINGS,
            "KONG_PREFIX": str(folder / "prefix"),
            "KONG_NGINX_DAEMON": "off",
            "KONG_DECLARATIVE_CONFIG": str(folder / DECLARATIVE),
            "KONG_PROXY_LISTEN": f"{HOST}:{topology.gateway}",
            "KONG_STATUS_LISTEN": f"{HOST}:{topology.edge_status}",
        },
        needs=(CONFIGURATION, "gateway"),
        stage=4,
    )
