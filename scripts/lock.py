"""Compile one lock per service and one for development from the members' own declarations.

Usage: python scripts/lock.py [--upgrade]. Needs `uv` on PATH. A lock holds exact versions with hashes and
no index address; members of the workspace are left out, because they are installed from the checkout.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
ALONE = ("bootstrap", "embeddings", "go", "model")
"""Locks with an input file of their own: installed without what their packages say they need."""
OWN = re.compile(r"^(flowloom-[a-z-]+)(?:\[([a-z-]+)\])?$")


class Project(TypedDict):
    """A member's name, what it declares to need, and what some of its users need beside that."""

    name: str
    dependencies: list[str]
    extras: dict[str, list[str]]


def members() -> dict[str, Path]:
    """Return every workspace member's folder by distribution name."""
    found = {}
    for file in sorted([*ROOT.glob("packages/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]):
        found[project(file)["name"]] = file.parent
    return found


def project(file: Path) -> Project:
    """Return what counts of the [project] table of a pyproject file."""
    table = tomllib.loads(file.read_text())["project"]
    extras = table.get("optional-dependencies", {})
    return {"name": table["name"], "dependencies": table["dependencies"], "extras": extras}


def outside_needs(name: str, folders: dict[str, Path], seen: set[str]) -> set[str]:
    """Return what a member, or `member[extra]`, and the members it stands on need from outside."""
    own = OWN.fullmatch(name)
    if own is None:
        return {name}
    if name in seen:
        return set()
    seen.add(name)
    member, extra = own.groups()
    told = project(folders[member] / "pyproject.toml")
    wanted = [member, *told["extras"][extra]] if extra else told["dependencies"]
    return set().union(*(outside_needs(need, folders, seen) for need in wanted))


def compile_lock(
    lock: Path, needs: set[str], *, constraint: Path | None, upgrade: bool, more: Sequence[str] = ()
) -> None:
    """Write one lock; an existing one keeps its versions unless asked to upgrade."""
    with tempfile.NamedTemporaryFile("w", suffix=".in", encoding="utf-8") as wanted:
        wanted.write("\n".join(sorted(needs)) + "\n")
        wanted.flush()
        command = [
            "uv",
            "pip",
            "compile",
            wanted.name,
            "-o",
            str(lock),
            "--universal",
            "--python-version",
            "3.11",
        ]
        command += [
            "--generate-hashes",
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--no-annotate",
            "--no-header",
        ]
        command += ["--quiet", *more, *(["--upgrade"] if upgrade else [])]
        command += ["-c", str(constraint)] if constraint else []
        environment = {k: v for k, v in os.environ.items() if k not in {"PIP_FIND_LINKS", "UV_FIND_LINKS"}}
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
    print(f"  {lock.relative_to(ROOT)}")


def main() -> None:
    """Compile dev.txt first; the services' locks take their versions from it."""
    upgrade = "--upgrade" in sys.argv[1:]
    folders = members()
    for name in ALONE:
        needs = set((LOCKS / f"{name}.in").read_text().split())
        compile_lock(LOCKS / f"{name}.txt", needs, constraint=None, upgrade=upgrade, more=["--no-deps"])
    tools = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"])
    everything = set().union(*(outside_needs(name, folders, set()) for name in folders))
    compile_lock(LOCKS / "dev.txt", everything | tools, constraint=None, upgrade=upgrade)
    for name, folder in folders.items():
        if folder.parent.name == "services":
            lock = LOCKS / f"{folder.name}.txt"
            compile_lock(
                lock, outside_needs(name, folders, set()), constraint=LOCKS / "dev.txt", upgrade=upgrade
            )


if __name__ == "__main__":
    main()
