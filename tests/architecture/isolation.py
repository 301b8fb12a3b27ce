"""Installs one service alone, from its own lock, and keeps the environment for the next time."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from uv import find_uv_bin

from scripts.checks.tree import ROOT
from scripts.old_caches import note_use

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "flowloom" / "isolation"


def environment_of(service: str) -> Path:
    """Return the interpreter of an environment that has what the service's lock lists, and nothing else.

    Services with the same lock share one; uv links files from its cache, so it costs seconds and no disk.
    """
    lock = ROOT / "requirements" / f"{service}.txt"
    key = hashlib.sha256(f"{sys.version}\n{lock.read_text(encoding='utf-8')}".encode()).hexdigest()[:16]
    folder = CACHE / key
    python = folder / "bin" / "python"
    with _one_at_a_time(key):
        if not (folder / "complete").exists():
            _uv("venv", "--clear", "--python", sys.executable, str(folder))
            _uv("pip", "install", "--python", str(python), "--require-hashes", "-r", str(lock))
            (folder / "complete").touch()
        note_use(folder)
    return python


def sources_of(service: str) -> list[Path]:
    """Return the source folders of a service and of the members that it declares, also indirectly."""
    folders = {f"flowloom-{path.name}": path for path in (ROOT / "packages").iterdir() if path.is_dir()}
    wanted, found = [ROOT / "services" / service], []
    while wanted:
        member = wanted.pop()
        if member not in found:
            found.append(member)
            project = tomllib.loads((member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            names = [need.partition("[")[0] for need in project["dependencies"]]
            wanted += [folders[name] for name in names if name in folders]
    return [member / "src" for member in found]


@contextmanager
def _one_at_a_time(key: str) -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _uv(*arguments: str) -> None:
    done = subprocess.run([find_uv_bin(), "--quiet", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"uv {' '.join(arguments)}:\n{done.stderr}"
