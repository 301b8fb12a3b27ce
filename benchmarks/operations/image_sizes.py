"""B-OPS-1: how large the images of the services are, counted from trees installed by the recipe."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from pydantic import JsonValue
from uv import find_uv_bin

from benchmarks.core.results import Result, Target

ID: Final = "B-OPS-1"
ROOT: Final = Path(__file__).resolve().parents[2]
RECIPE: Final = "deploy/docker/python-service.Dockerfile"
TRIM: Final = "scripts/trim_tree.py"
PAGE: Final = "frontend/dist"
MEMBERS: Final = ("contracts", "language", "servicekit", "modelkit", "agentkit", "sandboxkit")
WITH_EMBEDDINGS: Final = "memory"
GATEWAY: Final = "gateway"
AGENT: Final = "agent-"
GATEWAY_LIMIT_MB: Final = 200.0
AGENT_LIMIT_MB: Final = 1_200.0

BASE_BYTES: Final = 130_010_000
"""python:3.11-slim-bookworm on linux/amd64 as it lies on a disk, as docker-library/repo-info states it."""

TAKEN_OUT: Final = {
    "site-packages (pip, setuptools)": 10_800_000,
    "ensurepip": 3_300_000,
    "idlelib, lib2to3, pydoc_data, tkinter, turtledemo": 3_200_000,
    "include": 890_000,
    "perl-base": 7_250_000,
    "apt and libapt-pkg": 3_950_000,
}
"""What the recipe removes from the base, in bytes of CPython 3.11's installation and Debian 12's packages."""

NOTES: Final = [
    f"Each tree is installed and trimmed as {RECIPE} says, and its service is imported from it; no engine"
    " builds an image. Bytes of all files, as an image has them on a disk; a registry keeps about a third.",
    "Base: the size that the publisher states, less what the recipe takes out of it, counted where CPython"
    " 3.11 and Debian 12 are installed. `tree_bytes` is measured here, `untrimmed_bytes` before trimming.",
    "The builder has no image: its page is files behind the gateway, `page_bytes` where it is built.",
]


async def measure() -> Result:
    """Install and count one service after another."""
    rows: list[dict[str, JsonValue]] = []
    names = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
    for service in sorted(names, key=lambda name: name.startswith(AGENT)):
        rows.append(await _counted(service))
        print(f"  {rows[-1]}", flush=True)
    page = ROOT / PAGE
    figures: dict[str, JsonValue] = {
        "base_bytes": _base(),
        "image_mb": {str(row["service"]): row["image_mb"] for row in rows},
        **({"page_bytes": _bytes_in(page)} if page.is_dir() else {}),
    }
    targets = [
        Target(
            name=f"image of {row['service']}, MB",
            value=float(str(row["image_mb"])),
            limit=GATEWAY_LIMIT_MB if row["service"] == GATEWAY else AGENT_LIMIT_MB,
            higher_is_better=False,
        )
        for row in rows
        if row["service"] == GATEWAY or str(row["service"]).startswith(AGENT)
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _counted(service: str) -> dict[str, JsonValue]:
    with tempfile.TemporaryDirectory(prefix="flowloom-image-", ignore_cleanup_errors=True) as folder:
        tree = Path(folder) / "flowloom"
        await _install(service, tree)
        untrimmed = _bytes_in(tree)
        await _run(sys.executable, TRIM, str(tree))
        trimmed = _bytes_in(tree)
        # A library that was trimmed too far does not load.
        await _run(str(tree / "bin" / "python"), "-c", f"import {', '.join(_loaded_by(service))}")
    return {
        "service": service,
        "untrimmed_bytes": untrimmed,
        "tree_bytes": trimmed,
        "image_mb": round((_base() + trimmed) / 1e6, 1),
    }


def _loaded_by(service: str) -> list[str]:
    if service.startswith(AGENT):
        return ["flowloom_agentkit.bootstrap", "crewai", service.replace("-", "_")]
    return [f"{service}.bootstrap"]


async def _install(service: str, tree: Path) -> None:
    """Do what the recipe does; copies, because what is trimmed must not be the cache's own files."""
    uv = find_uv_bin()
    install = [uv, "pip", "install", "--quiet", "--link-mode", "copy", "--python", str(tree)]
    await _run(uv, "venv", "--quiet", "--python", sys.executable, str(tree))
    await _run(*install, "--compile-bytecode", "--require-hashes", "-r", f"requirements/{service}.txt")
    if service == WITH_EMBEDDINGS:
        await _run(*install, "--no-deps", "--require-hashes", "-r", "requirements/embeddings.txt")
    members = [f"packages/{name}" for name in MEMBERS]
    await _run(*install, "--no-deps", *members, f"services/{service}")


async def _run(*command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    try:
        ended = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        raise
    if ended != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {ended}")


def _bytes_in(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def _base() -> int:
    return BASE_BYTES - sum(TAKEN_OUT.values())
