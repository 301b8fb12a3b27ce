"""Log files of supervised processes: every line, rotated by size."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 10_000_000
KEPT_FILES: Final = 3
TAIL_BYTES: Final = 16_384


class LogFile:
    """An append-only file that is renamed to `.1`, `.2` … when it has grown too large."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._size += len(chunk)
        if self._size > MAX_BYTES:
            self._rotate()

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self.path.replace(self._numbered(1))
        self._file = self.path.open("ab", buffering=0)
        self._size = 0

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def close(self) -> None:
        self._file.close()


def last_lines(path: Path, count: int = 12) -> Iterable[str]:
    """Return the end of a log, for the message about a failure."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()[-count:]
