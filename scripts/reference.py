"""Write the reference pages of the documentation from the committed schemas.

Usage: python -m scripts.reference FOLDER.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LANGUAGE: Final = ROOT / "packages" / "contracts" / "schema" / "workflow.schema.json"
INTERFACE: Final = ROOT / "services" / "gateway" / "openapi.json"
Schema = Mapping[str, Any]

LANGUAGE_HEAD: Final = """\
# Workflow language

Every field of `flowloom/v1`, written from its schema, `packages/contracts/schema/workflow.schema.json`, which
editors read as well. [Write a workflow](../guides/write-a-workflow.md) is where to begin.
"""
INTERFACE_HEAD: Final = """\
# API

Every operation under `/v1`, written from `services/gateway/openapi.json`. A running platform shows the same
with examples at `/v1/docs`.
"""


def main(arguments: list[str]) -> int:
    """Write both pages into a folder."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    for name, text in pages().items():
        (Path(arguments[0]) / name).write_text(text)
    return 0


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    return {
        "language.md": language(json.loads(LANGUAGE.read_text())),
        "api.md": interface(json.loads(INTERFACE.read_text())),
    }


def language(schema: Schema) -> str:
    """Return the page of the workflow language."""
    parts = [LANGUAGE_HEAD, "## Document\n", *_table(schema)]
    for name in sorted(schema["$defs"]):
        part = schema["$defs"][name]
        if "properties" in part:
            parts += [f"\n## {name}\n", f"{part.get('description', '')}\n", *_table(part)]
    return "\n".join(parts) + "\n"


def _table(part: Schema) -> Iterator[str]:
    required = set(part.get("required", ()))
    yield "| field | value | default | meaning |\n| --- | --- | --- | --- |"
    for name, field in part["properties"].items():
        mark = "**required**" if name in required else _default(field)
        yield f"| `{name}` | {kind(field)} | {mark} | {_cell(field.get('description', ''))} |"


def _default(field: Schema) -> str:
    value = field.get("default")
    return "" if value in (None, [], {}) or isinstance(value, dict) else f"`{json.dumps(value)}`"


def kind(field: Schema) -> str:
    """Say in a few words what a value may be."""
    if "$ref" in field:
        name = str(field["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})" if name not in ("JsonValue", "Step") else name
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " ".join(f"`{value}`" for value in field["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in field:
            kinds = [kind(one) for one in field[choice] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if field.get("type") == "array":
        return f"list of {kind(field.get('items', {}))}"
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"map of {kind(field['additionalProperties'])}"
    return str(field.get("type", "any value"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def interface(document: Schema) -> str:
    """Return the page of the public interface, by area."""
    areas: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            areas.setdefault(operation.get("tags", ["other"])[0], []).append(
                _operation(method, path, operation)
            )
    parts = [INTERFACE_HEAD, document["info"]["description"]]
    for area in sorted(areas):
        parts += [f"\n## {area.capitalize()}\n", *areas[area]]
    return "\n".join(parts).rstrip() + "\n"


def _operation(method: str, path: str, operation: Schema) -> str:
    lines = [f"### `{method.upper()} {path}`\n", f"{_cell(operation.get('description', ''))}\n"]
    for one in operation.get("parameters", ()):
        if one["in"] != "path":
            lines.append(f"- `{one['name']}` ({one['in']}): {_cell(one.get('description', ''))}")
    answers = ", ".join(
        f"{code} {_cell(answer.get('description', ''))}".removesuffix(" Successful Response")
        for code, answer in operation["responses"].items()
        if code != "default"
    )
    return "\n".join([*lines, f"\nAnswers: {answers}.\n"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
