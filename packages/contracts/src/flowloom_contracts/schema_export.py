"""Writes the committed schemas: `python -m flowloom_contracts.schema_export FOLDER`."""

import json
import sys
from pathlib import Path

from pydantic import TypeAdapter

from flowloom_contracts.events import RunEvent, RunFinished
from flowloom_contracts.person_events import PersonEvent
from flowloom_contracts.workflow_schema import schema_text_of_tests, workflow_schema_text


def schema_texts() -> dict[str, str]:
    """Return the text of each committed file by its name."""
    return {
        "workflow.schema.json": workflow_schema_text(),
        "tests.schema.json": schema_text_of_tests(),
        "events.schema.json": _events_text(),
    }


def _events_text() -> str:
    """Return the shapes of all events: those of the live stream and those of the topics, by type."""
    stream = TypeAdapter(RunEvent).json_schema(mode="serialization")
    topics = {"run.finished.v1": RunFinished.model_json_schema(mode="serialization")}
    person = TypeAdapter(PersonEvent).json_schema(mode="serialization")
    schemas = {"stream": stream, "person": person, "topics": topics}
    return json.dumps(schemas, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write every file."""
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
