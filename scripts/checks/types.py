"""Checks the types of every member and of the scripts: `python -m scripts.checks.types`."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import setup
from scripts.checks.tree import ROOT, Tree
from scripts.old_caches import note_use

CACHE = setup.CACHE / "mypy"
HERE = ROOT / ".mypy_cache"


def main() -> int:
    """Run mypy once over all of them, because they share their cache and know each other."""
    tree = Tree()
    members = [f"packages/{name}/src" for name in tree.folders("packages")]
    members += [f"services/{name}/src" for name in tree.folders("services")]
    command = [sys.executable, "-m", "mypy", *members, "scripts"]
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # checkouts share what is kept
        if not HERE.exists() and _kept().is_dir():
            shutil.copytree(_kept(), HERE)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == 0:
        with (CACHE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.rmtree(_kept(), ignore_errors=True)
            shutil.copytree(HERE, _kept())
            note_use(_kept())
    return code


def _kept() -> Path:
    """Return where a new checkout finds what mypy knows; it believes a file whose content is the same."""
    known_by = hashlib.sha256(sys.version.encode())
    for name in ("requirements/dev.txt", "pyproject.toml"):
        known_by.update((ROOT / name).read_bytes())
    return CACHE / known_by.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
