"""Files of runs: which versions there are; their contents are large values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from flowloom_contracts.files import RunFile
from orchestrator.domain.files import FileLimits, NewFile
from orchestrator.domain.records import Committed


@dataclass(frozen=True)
class FileAdded:
    """A version that was written, or had been by the same key; `committed` is the event that tells of it."""

    file: RunFile
    committed: Committed | None = None


class FileStore(Protocol):
    """Versions of files by run and path; they go with their run."""

    async def add(self, new: NewFile, limits: FileLimits) -> FileAdded | None:
        """Keep a version with its event, while its execution runs the step; None when another has the step.

        The same key adds one version. Raises `TooManyFilesError` when the run has no room.
        """

    async def written(self, run_id: str, key: str) -> RunFile | None:
        """Return what a key has written."""

    async def get(self, run_id: str, path: str, version: int | None) -> RunFile | None:
        """Return a version of a file, without a number the newest."""

    async def page(self, run_id: str, *, after: str, limit: int) -> Sequence[RunFile]:
        """Return the newest versions of the files behind a path, by path."""

    async def hashes(self, run_id: str, steps: Collection[str]) -> Sequence[str]:
        """Return the hashes of what some steps, and the steps inside them, have written."""
