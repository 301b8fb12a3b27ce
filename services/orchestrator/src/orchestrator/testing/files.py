"""Files of runs in memory, over the runs of `InMemoryStores`."""

from collections.abc import Collection, Sequence

from flowloom_contracts.files import RunFile
from orchestrator.domain.files import FileLimits, FilesTaken, NewFile, RoomUsed, is_of, next_version
from orchestrator.domain.milestones import file_written
from orchestrator.ports.files import FileAdded
from orchestrator.testing.in_memory_stores import InMemoryStores


class InMemoryFiles:
    """See `FileStore`."""

    def __init__(self, stores: InMemoryStores) -> None:
        self._stores = stores
        self.kept: dict[str, list[tuple[str, RunFile]]] = {}
        stores.taking_files = self._take

    async def add(self, new: NewFile, limits: FileLimits) -> FileAdded | None:
        """See `FileStore.add`."""
        known = await self.written(new.run_id, new.key)
        if known is not None:
            return FileAdded(known)
        files = [file for _, file in self._of(new.run_id)]
        newest = max((file.version for file in files if file.path == new.path), default=0)
        used = RoomUsed(sum(file.size for file in files), len(files), newest)
        version = next_version(new, used, limits)
        told = self._stores.tell_of_file(new, file_written(new, version))
        if told is None:
            return None
        self.kept.setdefault(new.run_id, []).append((new.key, new.versioned(version)))
        return FileAdded(new.versioned(version), told)

    async def written(self, run_id: str, key: str) -> RunFile | None:
        """See `FileStore.written`."""
        return next((file for known, file in self._of(run_id) if known == key), None)

    async def get(self, run_id: str, path: str, version: int | None) -> RunFile | None:
        """See `FileStore.get`."""
        found = [file for _, file in self._of(run_id) if file.path == path]
        if version is not None:
            return next((file for file in found if file.version == version), None)
        return max(found, key=lambda file: file.version, default=None)

    async def page(self, run_id: str, *, after: str, limit: int) -> Sequence[RunFile]:
        """See `FileStore.page`."""
        newest = {file.path: file for _, file in sorted(self._of(run_id), key=lambda one: one[1].version)}
        return [newest[path] for path in sorted(newest) if path > after][:limit]

    async def hashes(self, run_id: str, steps: Collection[str]) -> Sequence[str]:
        """See `FileStore.hashes`."""
        return sorted({file.sha256 for _, file in self._of(run_id) if is_of(file.step, steps)})

    def _of(self, run_id: str) -> list[tuple[str, RunFile]]:
        return self.kept.get(run_id, []) if run_id in self._stores.rows else []

    def _take(self, run_id: str, taken: FilesTaken) -> None:
        of_steps = [one for one in self._of(taken.run_id) if is_of(one[1].step, taken.steps)]
        self.kept[run_id] = list(of_steps)
