"""Compares the Dapr components with topics.py both ways, and wants scopes in each."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from scripts.checks.names import enum_values
from scripts.checks.tree import Tree

FOLDER: Final = "dapr/components"


def check(tree: Tree) -> list[str]:
    """Return components, scopes and topics that do not fit."""
    declared, app_ids = set(enum_values(tree, "Component")), set(enum_values(tree, "AppId"))
    findings, present = [], set()
    for path in sorted((tree.root / FOLDER).glob("*.y*ml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if document and document["kind"] == "Component":
                present.add(document["metadata"]["name"])
                findings += [
                    f"{tree.where(path)}: {fault}" for fault in _faults(path.stem, document, app_ids)
                ]
    findings += [
        f"{FOLDER}: component {name!r} of topics.py has no file" for name in sorted(declared - present)
    ]
    findings += [f"{FOLDER}: component {name!r} is not in topics.py" for name in sorted(present - declared)]
    return findings + list(_topics(tree))


def _faults(stem: str, document: dict[str, Any], app_ids: set[str]) -> Iterator[str]:
    if document["metadata"]["name"] != stem:
        yield f"the file is called {stem!r}, the component {document['metadata']['name']!r}"
    scopes = document.get("scopes") or document.get("spec", {}).get("scopes") or []
    if not scopes:
        yield "list in scopes who may use it"
    yield from (f"scope {scope!r} is no app-id" for scope in scopes if scope not in app_ids)
    for item in document["spec"].get("metadata", []):
        if "password" in item["name"].lower() and "value" in item:
            yield f"take {item['name']!r} from the secret store"


def _topics(tree: Tree) -> Iterator[str]:
    topics = enum_values(tree, "Topic")
    wanted = {*topics, *(f"{topic}-dead" for topic in topics)}
    document = yaml.safe_load(tree.text(f"{FOLDER}/pubsub.yaml") or "{}") or {}
    for item in document.get("spec", {}).get("metadata", []):
        if item["name"] == "allowedTopics":
            allowed = set(item["value"].split(","))
            yield from (
                f"{FOLDER}/pubsub.yaml: topic {name!r} is not allowed" for name in sorted(wanted - allowed)
            )
            yield from (f"{FOLDER}/pubsub.yaml: {name!r} is no topic" for name in sorted(allowed - wanted))
