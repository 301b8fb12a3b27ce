"""What the outside world saw: every request and how it ended, appended to a file as it happens."""

import json
import os
import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Event = Literal["asked", "answered", "closed_by_peer", "cut", "refused"]


class Entry(BaseModel):
    """One line; `call` joins the request with its end."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: int
    at: float
    event: Event
    call: int
    marker: str = ""
    rule: str = ""
    tokens: int = 0
    prompt: str = ""


class LedgerPage(BaseModel):
    """Lines after a number."""

    model_config = ConfigDict(frozen=True)

    entries: list[Entry]
    open: int
    """How many requests are being answered now."""


class Ledger:
    """Append-only; with a file, a line is on disk before the answer leaves (`O_SYNC`)."""

    def __init__(self, path: Path | None) -> None:
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_SYNC
        self._file = None if path is None else os.open(path, flags, 0o600)
        self._entries: list[Entry] = []

    def write(
        self, event: Event, call: int, *, marker: str, rule: str, tokens: int = 0, prompt: str = ""
    ) -> None:
        """Append one line."""
        entry = Entry(
            n=len(self._entries) + 1,
            at=time.time(),
            event=event,
            call=call,
            marker=marker,
            rule=rule,
            tokens=tokens,
            prompt=prompt,
        )
        self._entries.append(entry)
        if self._file is not None:
            os.write(self._file, json.dumps(entry.model_dump()).encode() + b"\n")

    def after(self, number: int) -> list[Entry]:
        """Return the lines with a higher number."""
        return self._entries[number:]

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
