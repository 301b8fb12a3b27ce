"""Tells of which program a workflow file is, by what stands in it."""

import json
from typing import Final

from flowloom_contracts.exchange import ImportFormat

_OURS: Final = "apiVersion: flowloom/"


def format_of(text: str, *, is_crew: bool) -> ImportFormat | None:
    """Return the format of a file, None when nothing in it tells; a crew has its agents beside it."""
    if is_crew:
        return "crewai"
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _of_yaml(text)
    if not isinstance(data, dict):
        return None
    if "apiVersion" in data:
        return "flowloom"
    if "nodes" in data:
        return "n8n" if "connections" in data else "flowise"
    return "langflow" if isinstance(data.get("data"), dict) and "nodes" in data["data"] else None


def _of_yaml(text: str) -> ImportFormat | None:
    if _OURS in text:
        return "flowloom"
    lines = {line.strip() for line in text.splitlines()}
    return "dify" if "kind: app" in lines or "workflow:" in lines else None
