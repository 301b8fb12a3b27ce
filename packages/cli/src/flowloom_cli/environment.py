"""The environment that child processes start from: what they need of ours, and nothing else."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import load_dotenv

KEPT: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
)
OUR_OWN: Final = ("FLOWLOOM_URL", "FLOWLOOM_API_KEY", "FLOWLOOM_PARTS", "FLOWLOOM_PORT_BASE", "FLOWLOOM_PORT")


def given_root() -> Path | None:
    """Return the checkout that `FLOWLOOM_ROOT` names, if it names one."""
    given = os.environ.get("FLOWLOOM_ROOT")
    return Path(given) if given else None


def read_env_file(folder: Path) -> None:
    """Take the variables of a `.env` file there; what is set already wins."""
    load_dotenv(folder / ".env")


def of_build() -> dict[str, str]:
    """Return the environment of the Go build: ours, static and without version stamps."""
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}


def of_sidecar() -> dict[str, str]:
    """Return the tokens by which a service and its sidecar know each other, empty where nobody gave them."""
    return {name: os.environ.get(name, "") for name in ("DAPR_API_TOKEN", "APP_API_TOKEN")}


def of_supervisor(home: Path) -> dict[str, str]:
    """Return the environment of a detached supervisor: ours, with the home spelled out."""
    return {**os.environ, "FLOWLOOM_HOME": str(home)}


def plain(home: Path) -> dict[str, str]:
    """Return the environment of the stores and of Dapr."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        # Programs that write to a home directory shall write into ours.
        "HOME": str(home / "run"),
        "XDG_DATA_HOME": str(home / "run" / "data"),
        "XDG_CACHE_HOME": str(home / "run" / "cache"),
        "XDG_CONFIG_HOME": str(home / "run" / "config"),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def of_services(home: Path, overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of Python processes: also the platform's variables, and the overrides."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("FLOWLOOM_") and name not in OUR_OWN
    }
    return {
        **plain(home),
        "PYTHONUNBUFFERED": "1",
        # One arena per thread would double the memory of an idle service.
        "MALLOC_ARENA_MAX": "2",
        # Locks and other passing files stay inside the home as well.
        "TMPDIR": str(home / "run"),
        "ORT_DISABLE_TELEMETRY": "1",
        "CREWAI_STORAGE_DIR": str(home / "run" / "crewai"),
        **ours,
        **overrides,
    }
