"""Facts of the machine and of the versions, kept with every result."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import psutil
from pydantic import JsonValue

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dapr", "fastapi", "uvicorn", "pydantic", "sqlalchemy", "asyncpg", "redis", "crewai", "httpx")


def facts() -> dict[str, JsonValue]:
    """Return processor, memory, kernel, disk and load."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "container": Path("/.dockerenv").exists() or "docker" in _read("/proc/1/cgroup"),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def versions() -> dict[str, JsonValue]:
    """Return the versions of what was measured."""
    known: dict[str, JsonValue] = {}
    for name in PACKAGES:
        try:
            known[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            known[name] = "absent"
    return known


def commit() -> str:
    """Return the short commit, with a plus when the tree differs from it."""
    short = _git("rev-parse", "--short", "HEAD") or "unknown"
    return short + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip()


def _cpu_model() -> str:
    lines = _read("/proc/cpuinfo").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return "unknown"
