"""Gets Node and the browser application's packages into a cache outside the checkout, and runs its scripts.

Usage: python scripts/frontend.py build | try-build | install | check | flows | generate | npm ARGUMENTS.
Nothing but Python's standard library and npm is needed; a Node that is too old is replaced, for this
application only, by one of npm's own.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.old_caches import note_use  # noqa: E402 - this file is also run as it is

FRONTEND = ROOT / "frontend"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "flowloom"
NODE_VERSION = "22.23.3"
OLDEST_NODE = (22, 22)
SOURCES = ("src", "public", "index.html", "package-lock.json", "vite.config.ts", "postcss.config.mjs")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STAMP = FRONTEND / "dist" / ".sources"


UNAVAILABLE = 3
"""What `check` ends with where there is no Node: nothing was proved, nothing failed."""


class UnavailableError(Exception):
    """Node or the packages cannot be had here; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Do what the first argument says."""
    command, *rest = arguments or ["build"]
    try:
        if command == "install":
            install()
        elif command in ("build", "try-build"):
            build()
        elif command == "check":
            return check(rest)
        elif command == "flows":
            return flows(rest)
        elif command == "generate":
            return npm(["run", "--silent", "generate"])
        else:
            return npm(rest)
    except UnavailableError as error:
        print(f"frontend: {error}", file=sys.stderr, flush=True)
        return UNAVAILABLE if command in ("check", "flows") else 0 if command == "try-build" else 2
    except subprocess.CalledProcessError as error:
        print(f"frontend: this failed: {' '.join(map(str, error.cmd))}", file=sys.stderr, flush=True)
        return 2
    return 0


def check(arguments: list[str]) -> int:
    """Lint, check types, test, build and measure the application; with a browser try the quick flows.

    `arguments` go to the unit tests.
    """
    for script in ("lint", "types"):
        if code := npm(["run", "--silent", script]):
            return code
    if code := npm(["run", "--silent", "test", "--", *arguments]):
        return code
    build()
    if code := npm(["run", "--silent", "size"]):
        return code
    # With a report somebody runs all flows right after this.
    return 0 if arguments or find_browser() is None else flows(["--grep", "@fast"])


def flows(arguments: list[str]) -> int:
    """Let the flows of `e2e/flows` happen in a browser; `arguments` go to Playwright."""
    if find_browser() is None:
        raise UnavailableError(
            "the flows need Chromium, and there is none; install it or name it in FLOWLOOM_BROWSER"
        )
    build()
    return npm(["run", "--silent", "e2e", "--", *arguments])


def find_browser() -> str | None:
    """Return the machine's Chromium."""
    named = os.environ.get("FLOWLOOM_BROWSER")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def npm(arguments: list[str]) -> int:
    """Run npm in the application's folder, with its packages in place."""
    env = install() | {"FLOWLOOM_BROWSER": find_browser() or ""}
    return subprocess.run(["npm", *arguments], cwd=FRONTEND, env=env, check=False).returncode


def build() -> None:
    """Build the application unless nothing changed since it was built."""
    digest = _digest(_sources())
    if STAMP.is_file() and STAMP.read_text() == digest:
        return
    env = install()
    print("frontend: building ...", flush=True)
    started = time.monotonic()
    subprocess.run(["npm", "run", "--silent", "build"], cwd=FRONTEND, env=env, check=True)
    STAMP.write_text(digest)
    print(f"frontend: ... built in {time.monotonic() - started:.0f} s", flush=True)


def install() -> dict[str, str]:
    """Put Node and the locked packages in place; return the environment in which they are used."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "frontend.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # checkouts share the cache
        return _install(lock.fileno())


def _install(lock: int) -> dict[str, str]:
    node = find_node()
    env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    home = CACHE / "frontend" / _digest([FRONTEND / "package-lock.json"])[:16]
    modules = home / "node_modules"
    if not (home / "done").is_file():
        print(f"frontend: packages into {home} ...", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(FRONTEND / name, home / name)
        # An npm that outlives this process keeps the lock: two in one folder break each other.
        subprocess.run(["npm", "ci", "--silent"], cwd=home, env=env, check=True, pass_fds=(lock,))
        (home / "done").touch()
    note_use(home)
    _link(FRONTEND / "node_modules", modules)
    return env


def find_node() -> Path:
    """Return a Node that is new enough: the machine's, else one from npm, kept outside the checkout."""
    if shutil.which("npm") is None:
        raise UnavailableError(
            "the browser application needs Node 22.22 or newer with npm, and there is none; "
            "the platform works without it, by command line and HTTP"
        )
    machine = shutil.which("node")
    if machine and _version(Path(machine)) >= OLDEST_NODE:
        return Path(machine)
    package = f"node-{sys.platform}-{_architecture()}"
    home = CACHE / "node" / NODE_VERSION
    node = home / "node_modules" / package / "bin" / "node"
    if not node.is_file():
        print(f"frontend: Node {NODE_VERSION} into {home} ...", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}\n')
        fetch = ["npm", "install", "--silent", "--no-save", f"{package}@{NODE_VERSION}"]
        if subprocess.run(fetch, cwd=home, check=False).returncode != 0 or not node.is_file():
            raise UnavailableError(
                f"Node {NODE_VERSION} for {package} cannot be had from npm; install Node 22.22 or newer"
            )
    note_use(home)
    return node


def _architecture() -> str:
    return {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), "arm64")


def _version(node: Path) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", answer)[:2])


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        raise UnavailableError(f"{link} is a folder of its own; remove it")
    link.symlink_to(target)


def _sources() -> list[Path]:
    found = [path for name in SOURCES for path in [FRONTEND / name, *(FRONTEND / name).rglob("*")]]
    return sorted(path for path in found if path.is_file() and ".test." not in path.name)


def _digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256(NODE_VERSION.encode())
    for file in files:
        whole.update(f"{file.relative_to(FRONTEND)}\0".encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
