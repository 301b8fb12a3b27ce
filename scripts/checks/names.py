"""Compares the one name of each service everywhere: folder, app-id, package, Dapr, its CLI, Compose, lock."""

import ast
import tomllib
from collections.abc import Iterator
from typing import Final

import yaml

from scripts.checks.compose import compose_services
from scripts.checks.tree import Tree

TOPICS: Final = "packages/contracts/src/flowloom_contracts/topics.py"


def check(tree: Tree) -> list[str]:
    """Return names that one place has and another has not."""
    services = tree.folders("services")
    places = {
        f"{TOPICS} (AppId)": enum_values(tree, "AppId"),
        "requirements/": _locks(tree),
        "dapr/configuration/": [path.stem for path in (tree.root / "dapr/configuration").glob("*.yaml")],
        "deploy/compose/": [name for name in compose_services(tree) if name in services],
        "deploy/compose/ (sidecars)": [
            name.removesuffix("-dapr") for name in compose_services(tree) if name.endswith("-dapr")
        ],
        "dapr.yaml": _run_file(tree),
    }
    findings = [
        finding for place, names in places.items() for finding in _differences(place, names, services)
    ]
    return findings + [finding for service in services for finding in _package(tree, service)]


def enum_values(tree: Tree, name: str) -> list[str]:
    """Return the values of an enumeration in topics.py."""
    for node in ast.parse(tree.text(TOPICS)).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            assigned = [statement.value for statement in node.body if isinstance(statement, ast.Assign)]
            return [str(value.value) for value in assigned if isinstance(value, ast.Constant)]
    return []


def _run_file(tree: Tree) -> list[str]:
    document = yaml.safe_load(tree.text("dapr.yaml") or "{}") or {}
    return [str(app["appID"]) for app in document.get("apps", [])]


def _locks(tree: Tree) -> list[str]:
    others = {"dev", *(path.stem for path in (tree.root / "requirements").glob("*.in"))}
    return [path.stem for path in (tree.root / "requirements").glob("*.txt") if path.stem not in others]


def _differences(place: str, names: list[str], services: list[str]) -> Iterator[str]:
    for missing in sorted(set(services) - set(names)):
        yield f"{place}: has nothing for service {missing!r}"
    for extra in sorted(set(names) - set(services)):
        yield f"{place}: {extra!r} is no folder in services/"


def _package(tree: Tree, service: str) -> Iterator[str]:
    where = f"services/{service}/pyproject.toml"
    project = tomllib.loads(tree.text(where) or "[project]\nname = ''")
    module = service.replace("-", "_")
    if project["project"]["name"] != f"flowloom-{service}":
        yield f"{where}: the distribution is called 'flowloom-{service}'"
    if not (tree.root / f"services/{service}/src/{module}/main.py").is_file():
        yield f"services/{service}: src/{module}/main.py is missing"
    if not tree.text(f"services/{service}/README.md"):
        yield f"services/{service}: README.md is missing"
