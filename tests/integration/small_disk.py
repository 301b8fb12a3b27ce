"""A file system of a known size, so that a disk can be full without harm (root only)."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DISK_BYTES: Final = 1 << 30
"""Room for the write-ahead log of a whole session and what it leads to."""

MEBIBYTE: Final = 1 << 20
PAGE: Final = 1 << 12


class SmallDisk:
    """A tmpfs at a folder; `is_there` is false where the kernel lets nobody mount."""

    def __init__(self, folder: Path, *, size: int = DISK_BYTES) -> None:
        self.folder = folder
        self._size = size
        self.is_there = False

    def mount(self) -> None:
        """Mount, where that is allowed."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={self._size},mode=0700", "tmpfs", str(self.folder)]
        if os.geteuid() == 0 and shutil.which("mount"):
            self.is_there = subprocess.run(command, capture_output=True, check=False).returncode == 0

    def unmount(self) -> None:
        """Give the memory back; whoever still looks at it keeps what is there."""
        if self.is_there:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, check=False)
            self.is_there = False

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no byte free while the block runs."""
        ballast = self.folder / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file:
                for size in (MEBIBYTE, PAGE):
                    _fill(file.fileno(), size)
            yield
        finally:
            ballast.unlink()


def _fill(file: int, size: int) -> None:
    """Append pieces of a size until there is no room for another one; others take room meanwhile."""
    while True:
        try:
            os.write(file, bytes(size))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return
            raise
