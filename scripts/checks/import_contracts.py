"""Keeps the import contracts of the root pyproject.toml complete and without exceptions."""

import tomllib
from collections.abc import Iterator
from typing import Any

from scripts.checks.tree import Tree


def check(tree: Tree) -> list[str]:
    """Return members that the contracts forget, and ignored imports."""
    linter = tomllib.loads(tree.text("pyproject.toml"))["tool"].get("importlinter", {})
    return list(_faults(tree, linter))


def import_names(tree: Tree) -> dict[str, list[str]]:
    """Return the import names of the members, by `packages` and `services`."""
    return {
        "packages": [f"flowloom_{name}" for name in tree.folders("packages")],
        "services": [name.replace("-", "_") for name in tree.folders("services")],
    }


def _faults(tree: Tree, linter: dict[str, Any]) -> Iterator[str]:
    members = import_names(tree)
    roots = set(linter.get("root_packages", []))
    for name in sorted({*members["packages"], *members["services"]} ^ roots):
        yield f"pyproject.toml: root_packages and the folders differ in {name!r}"
    for contract in linter.get("contracts", []):
        if contract.get("ignore_imports"):
            yield f"pyproject.toml: contract {contract['name']!r} ignores imports: repair the import"
        if contract["type"] == "independence" and set(contract["modules"]) != set(members["services"]):
            yield f"pyproject.toml: contract {contract['name']!r} does not list the folders of services/"
        sources = set(contract.get("source_modules", []))
        agents = {name for name in members["services"] if name.startswith("agent_")}
        if sources and sources <= agents and sources != agents:
            yield f"pyproject.toml: contract {contract['name']!r} does not list all agent services"
