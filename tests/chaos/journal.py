"""What a client was promised: every answer of 202, on disk before the next request leaves."""

import json
import os
import time
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict


class Accepted(BaseModel):
    """One accepted run."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: float
    run_id: str
    key: str
    kind: str


class ClientJournal:
    """Append-only, with a file (`O_SYNC`) or in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_SYNC
        self._file = None if path is None else os.open(path, flags, 0o600)
        self.accepted: dict[str, Accepted] = {}

    def write(self, run_id: str, *, key: str, kind: str) -> None:
        """Note a 202; the same run told twice is one promise."""
        if run_id in self.accepted:
            return
        line = Accepted(at=time.time(), run_id=run_id, key=key, kind=kind)
        self.accepted[run_id] = line
        if self._file is not None:
            os.write(self._file, json.dumps(line.model_dump()).encode() + b"\n")

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
