"""One supervisor a home: a locked file that holds its process id."""

import fcntl
import os
from pathlib import Path

from flowloom_cli.errors import AlreadyRunningError


class HomeLock:
    """Held from before the first process starts until after the last one has ended."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run" / "supervisor.lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """Lock the home; raises AlreadyRunningError with the other supervisor's process id."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 32).decode().strip() or "unknown"
            os.close(descriptor)
            raise self._taken(owner) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Return the process id of the supervisor that holds this home, or None."""
        if not self._path.exists():
            return None
        with self._path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read().strip()
                return int(text) if text.isdigit() else None
        return None

    def require_free(self) -> None:
        """Raise AlreadyRunningError when a supervisor holds this home."""
        holder = self.holder()
        if holder is not None:
            raise self._taken(str(holder))

    def _taken(self, owner: str) -> AlreadyRunningError:
        home = self._path.parent.parent
        return AlreadyRunningError(
            f"a platform is already running in {str(home)!r} (supervisor pid {owner})",
            hint="`flowloom status` shows it, `flowloom down` stops it",
        )
