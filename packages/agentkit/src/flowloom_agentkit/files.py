"""The files of the run as tools see them: read by all its steps, written version by version."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Protocol

from flowloom_agentkit.errors import ToolFailedError
from flowloom_contracts.files import (
    MAX_FILE_BYTES,
    RunFile,
    RunFileList,
    RunFilePart,
    StepFilePartQuery,
    StepFilesQuery,
    WriteRunFile,
    WrittenFile,
    WrittenFileQuery,
    path_problem,
)
from flowloom_contracts.topics import AppId
from flowloom_modelkit.journal import StepRef
from flowloom_servicekit.dapr.invoke import Invoker

MOST_FILES: Final = 1_000
LONG_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class FileRead:
    """One version of a file, whole."""

    file: RunFile
    content: bytes = field(repr=False)


class Files(Protocol):
    """The files of one run, for the execution of one step."""

    async def list(self) -> list[RunFile]:
        """Return the newest versions, by path."""

    async def read(self, path: str, version: int | None = None) -> FileRead:
        """Return a version, without a number the newest; raises `ToolFailedError` or `RemoteProblemError`."""

    async def written(self, key: str) -> RunFile | None:
        """Return what a key has written in this attempt, also in an execution before a crash."""

    async def write(self, path: str, content: bytes, *, key: str) -> RunFile:
        """Add a version; the same key adds one. Raises `ToolFailedError` or `RemoteProblemError`."""


def write_key(effect_key: str, *arguments: str) -> str:
    """Return the key of a write: the same when a call is repeated, another for another call."""
    return hashlib.sha256("\0".join((effect_key, *arguments)).encode()).hexdigest()


def checked_path(path: str) -> str:
    """Return a path that can name a file; raises `ToolFailedError` that says why it cannot."""
    problem = path_problem(path)
    if problem is not None:
        raise ToolFailedError(f"{path[:80]!r} cannot name a file: {problem}")
    return path


class InvokedFiles:
    """`Files` over service invocation; another attempt of the step may write the same again."""

    def __init__(self, invoker: Invoker, step: StepRef) -> None:
        self._invoker = invoker
        self._step = step

    async def list(self) -> list[RunFile]:
        """See `Files.list`."""
        found: list[RunFile] = []
        cursor: str | None = None
        while True:
            query = StepFilesQuery(
                run_id=self._step.run_id, step=self._step.step, exec=self._step.exec, cursor=cursor
            )
            page = await self._invoker.call(AppId.ORCHESTRATOR, "files/list", query, RunFileList)
            found += page.items
            cursor = page.next_cursor
            if cursor is None or len(found) >= MOST_FILES:
                return found

    async def read(self, path: str, version: int | None = None) -> FileRead:
        """See `Files.read`."""
        query = StepFilePartQuery(
            run_id=self._step.run_id,
            step=self._step.step,
            exec=self._step.exec,
            path=checked_path(path),
            version=version,
        )
        content = bytearray()
        while True:
            part = await self._invoker.call(
                AppId.ORCHESTRATOR, "files/read", query, RunFilePart, timeout_s=LONG_S
            )
            content += part.content
            if part.next_offset is None or len(content) > MAX_FILE_BYTES:
                return FileRead(part.file, bytes(content))
            # A version that is written meanwhile must not end what began with this one.
            query = query.model_copy(update={"version": part.file.version, "offset": part.next_offset})

    async def written(self, key: str) -> RunFile | None:
        """See `Files.written`."""
        query = WrittenFileQuery(
            run_id=self._step.run_id, step=self._step.step, exec=self._step.exec, key=self._of_attempt(key)
        )
        return (await self._invoker.call(AppId.ORCHESTRATOR, "files/written", query, WrittenFile)).file

    async def write(self, path: str, content: bytes, *, key: str) -> RunFile:
        """See `Files.write`."""
        if len(content) > MAX_FILE_BYTES:
            raise ToolFailedError(f"a file has at most {MAX_FILE_BYTES:,} bytes, this one {len(content):,}")
        request = WriteRunFile(
            run_id=self._step.run_id,
            step=self._step.step,
            exec=self._step.exec,
            path=checked_path(path),
            content=content,
            key=self._of_attempt(key),
        )
        return await self._invoker.call(AppId.ORCHESTRATOR, "files/write", request, RunFile, timeout_s=LONG_S)

    def _of_attempt(self, key: str) -> str:
        return write_key(str(self._step.attempt), key)
