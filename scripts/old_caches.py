"""Forgets what the cache outside the checkout keeps for versions that nobody uses any more.

Folders there are known by what they were made from: a new lock makes a new one, and the old one stays for
checkouts that still have the old lock. Nothing but the standard library: `setup.py` runs before all else.
"""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

KEPT_S = 30 * 24 * 3_600
USED = ".used"
"""Its time says when the folder was used last; a folder's own time changes when a program writes into it."""


def note_use(kept: Path) -> None:
    """Say that a folder of the cache is used now; a new one makes room for itself."""
    mark = kept / USED
    is_new = not mark.exists()
    with contextlib.suppress(OSError):  # a cache that may only be read, or somebody else removes the same
        mark.touch()
        for folder in list(_unused(kept)) if is_new else []:
            shutil.rmtree(folder, ignore_errors=True)


def _unused(kept: Path) -> Iterator[Path]:
    """Yield the folders beside one that nobody has used for long; one without a word of it is used now."""
    oldest = time.time() - KEPT_S
    for folder in kept.parent.iterdir():
        if folder == kept or folder.is_symlink() or not folder.is_dir():
            continue
        mark = folder / USED
        if not mark.exists():
            mark.touch()
        elif mark.stat().st_mtime < oldest:
            yield folder
