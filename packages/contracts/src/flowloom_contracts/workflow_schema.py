"""The JSON Schema of the workflow language, for editors: `python -m flowloom_contracts.workflow_schema`."""

import json
from pathlib import Path
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.step_fields import ID_PATTERN
from flowloom_contracts.workflow import Workflow

SCHEMA_FILE: Final = Path(__file__).parents[2] / "schema" / "workflow.schema.json"
"""Where the repository keeps it."""


def workflow_schema() -> JsonObject:
    """Return the schema of a document, JSON Schema 2020-12."""
    schema: JsonObject = Workflow.model_json_schema(by_alias=True, mode="validation")
    properties = schema["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - Pydantic always writes them
    for name in ("steps", "outputs"):
        ids = properties[name]
        assert isinstance(ids, dict)  # noqa: S101 - as above
        ids["propertyNames"] = {"pattern": ID_PATTERN}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Flowloom workflow, flowloom/v1",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def workflow_schema_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(workflow_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(workflow_schema_text(), encoding="utf-8")
