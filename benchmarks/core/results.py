"""One JSON file per run of a benchmark, the raw figures as CSV beside it."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from benchmarks.core import machine

FOLDER = Path(__file__).resolve().parents[1] / "results"


class Target(BaseModel):
    """A figure that must hold, and whether it did."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    limit: float
    higher_is_better: bool

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.higher_is_better else self.value <= self.limit


class Result(BaseModel):
    """What a benchmark returns."""

    model_config = ConfigDict(frozen=True)

    id: str
    figures: dict[str, JsonValue]
    targets: list[Target]
    notes: list[str] = []
    rows: list[dict[str, JsonValue]] = []


def write(result: Result, *, load_before: Sequence[float]) -> Path:
    """Write both files and return the path of the JSON."""
    now = datetime.now(UTC)
    folder = FOLDER / result.id
    folder.mkdir(parents=True, exist_ok=True)
    commit = machine.commit()
    path = folder / f"{now:%Y%m%dT%H%M%SZ}-{commit.rstrip('+')}.json"
    content: dict[str, JsonValue] = {
        "id": result.id,
        "at": now.isoformat(timespec="seconds"),
        "commit": commit,
        "targets": [{**target.model_dump(), "met": target.is_met} for target in result.targets],
        "figures": result.figures,
        "notes": list(result.notes),
        "machine": machine.facts(),
        "load_before": [round(value, 2) for value in load_before],
        "versions": machine.versions(),
    }
    path.write_text(json.dumps(content, indent=2) + "\n")
    if result.rows:
        _write_rows(path.with_suffix(".csv"), result.rows)
    return path


def _write_rows(path: Path, rows: Sequence[dict[str, JsonValue]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
