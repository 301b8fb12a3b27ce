"""Files of a run without an orchestrator, with the rules of the real ones."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.files import FileRead, checked_path
from flowloom_contracts.base import JsonObject
from flowloom_contracts.files import RunFile
from flowloom_sandboxkit.tasks import CodeResult


class InMemoryFiles:
    """See `Files`; `contents` are there from the beginning."""

    def __init__(self, contents: Mapping[str, bytes] = {}) -> None:
        self._versions: dict[str, list[FileRead]] = {}
        self._keys: dict[str, RunFile] = {}
        for path, content in contents.items():
            self._add(path, content)

    async def list(self) -> list[RunFile]:
        """See `Files.list`."""
        return [self._versions[path][-1].file for path in sorted(self._versions)]

    async def read(self, path: str, version: int | None = None) -> FileRead:
        """See `Files.read`."""
        versions = self._versions.get(checked_path(path), [])
        if not versions or not 0 <= (version or len(versions)) - 1 < len(versions):
            raise ToolFailedError(f"The run has no file {path!r}.")
        return versions[(version or len(versions)) - 1]

    async def written(self, key: str) -> RunFile | None:
        """See `Files.written`."""
        return self._keys.get(key)

    async def write(self, path: str, content: bytes, *, key: str) -> RunFile:
        """See `Files.write`."""
        if key not in self._keys:
            self._keys[key] = self._add(checked_path(path), content)
        return self._keys[key]

    def _add(self, path: str, content: bytes) -> RunFile:
        versions = self._versions.setdefault(path, [])
        file = RunFile(
            path=path,
            version=len(versions) + 1,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            media_type="text/plain",
            step="s",
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        versions.append(FileRead(file, content))
        return file


class NoPrograms:
    """See `Programs`: an agent that runs none."""

    async def run(self, source: str, inputs: JsonObject) -> CodeResult:
        """Refuse."""
        raise ToolFailedError("nothing runs programs here")
