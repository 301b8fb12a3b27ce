"""Judges the Compose files without Docker: complete, pinned, closed to the outside, ordered by health."""

from collections.abc import Iterator
from typing import Final, TypeAlias

import yaml

from scripts.checks.tree import Tree

FOLDER: Final = "deploy/compose"
OPEN: Final = frozenset({"dev.yml", "pinned.yml"})
"""Files that override others: ports for a developer, digests for a release."""
OUR_IMAGES: Final = "flowloom/"
PUBLIC: Final = frozenset({"kong"})

Service: TypeAlias = dict[str, "str | bool | list[str] | list[dict[str, str]] | dict[str, dict[str, str]]"]


def check(tree: Tree) -> list[str]:
    """Return what would not start, or would be open."""
    findings = list(_included(tree))
    names = set(compose_services(tree))
    for file, services in compose_files(tree).items():
        for name, service in services.items():
            findings += [f"{FOLDER}/{file}: {name}: {fault}" for fault in _faults(file, name, service, names)]
    return findings


def compose_files(tree: Tree) -> dict[str, dict[str, Service]]:
    """Return the services of each file; extension fields and anchors are resolved."""
    found = {}
    for path in sorted((tree.root / FOLDER).glob("*.y*ml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if "services" in document:  # a neighbour may be a file that a container mounts
            found[path.name] = document["services"] or {}
    return found


def compose_services(tree: Tree) -> list[str]:
    """Return the names of all services, without those of the overriding files."""
    return [name for file, services in compose_files(tree).items() if file not in OPEN for name in services]


def _included(tree: Tree) -> Iterator[str]:
    root = yaml.safe_load(tree.text("docker-compose.yml") or "{}") or {}
    listed = {
        str(entry if isinstance(entry, str) else entry.get("path")) for entry in root.get("include", [])
    }
    present = {f"{FOLDER}/{file}" for file in compose_files(tree) if file not in OPEN}
    yield from (
        f"docker-compose.yml: include {file}" for file in sorted(present - {_plain(name) for name in listed})
    )
    yield from (
        f"docker-compose.yml: {file} does not exist" for file in sorted({_plain(n) for n in listed} - present)
    )
    if set(root) - {"include", "name"}:
        yield "docker-compose.yml: only includes; move the rest to deploy/compose"


def _plain(path: str) -> str:
    return path.removeprefix("./")


def _faults(file: str, name: str, service: Service, names: set[str]) -> Iterator[str]:
    if file in OPEN:
        if name not in names:
            yield "changes a service that no other file has"
        return
    image = service.get("image")
    if not image and not service.get("build"):
        yield "has neither image nor build"
    if (
        isinstance(image, str)
        and not service.get("build")
        and not image.startswith(OUR_IMAGES)
        and not _is_pinned(image)
    ):
        yield f"pin image {image!r} to a version"
    if service.get("ports") and name not in PUBLIC:
        yield "base files publish no ports; use dev.yml"
    yield from _dependencies(service, names)


def _is_pinned(image: str) -> bool:
    _, colon, tag = image.rpartition(":")
    return "@sha256:" in image or (bool(colon) and "/" not in tag and any(mark.isdigit() for mark in tag))


def _dependencies(service: Service, names: set[str]) -> Iterator[str]:
    needs = service.get("depends_on") or {}
    if not isinstance(needs, dict):
        yield "say the condition of depends_on: service_healthy or service_completed_successfully"
        return
    for need in needs:
        if need not in names:
            yield f"depends on {need!r}, which does not exist"
