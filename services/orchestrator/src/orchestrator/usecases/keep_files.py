"""Keeps what steps write as files of their run, and reads it for steps and for people."""

from dataclasses import dataclass

from flowloom_contracts.files import (
    RunFile,
    RunFileList,
    RunFilePart,
    RunFilePartQuery,
    RunFilesQuery,
    StepFilePartQuery,
    StepFilesQuery,
    WriteRunFile,
    WrittenFile,
    WrittenFileQuery,
)
from flowloom_servicekit.clock import Clock
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.files import (
    FileLimits,
    FileNotFoundInRunError,
    FileTooLargeError,
    NewFile,
    content_ref,
    hash_of,
    media_type_of,
)
from orchestrator.domain.records import RunRecord
from orchestrator.ports.files import FileStore
from orchestrator.ports.runs import RunStore
from orchestrator.ports.values import ValueStore
from orchestrator.ports.views import RunViews
from orchestrator.usecases.gate import Relay, RunGate
from orchestrator.usecases.held_steps import held_step, not_held


@dataclass(frozen=True)
class RunFiles:
    """Files of runs: versions in their store, contents among the large values."""

    store: FileStore
    values: ValueStore
    runs: RunStore
    views: RunViews
    gate: RunGate
    relay: Relay
    limits: FileLimits
    clock: Clock

    async def write(self, request: WriteRunFile) -> RunFile:
        """Keep a new version; the content first, so that a version that is told of can be read.

        Raises `StepNotHeldError`, `FileTooLargeError` and `TooManyFilesError`.
        """
        record = await self._held(request)
        if len(request.content) > self.limits.file_bytes:
            raise FileTooLargeError(
                f"{request.path!r} has {len(request.content):,} bytes; a file has at most "
                f"{self.limits.file_bytes:,}: write less, or several files."
            )
        new = _new_file(request, record, self.clock)
        await self.values.keep(request.run_id, content_ref(new.sha256), request.content)
        added = await self.store.add(new, self.limits)
        if added is None:
            raise not_held(request.step)
        if added.committed is not None:
            self.relay.push(added.committed)
        return added.file

    async def written(self, query: WrittenFileQuery) -> WrittenFile:
        """Return what a key has written; raises `StepNotHeldError`."""
        await self._held(query)
        return WrittenFile(file=await self.store.written(query.run_id, query.key))

    async def of_step(self, query: StepFilesQuery) -> RunFileList:
        """Return a page of files for whoever carries out a step; raises `StepNotHeldError`."""
        await self._held(query)
        return await self._page(query.run_id, query.cursor, query.limit)

    async def part_of_step(self, query: StepFilePartQuery) -> RunFilePart:
        """Return a piece of a file for whoever carries out a step; raises as `part` and `of_step` do."""
        await self._held(query)
        return await self._part(query)

    async def of_run(self, query: RunFilesQuery) -> RunFileList:
        """Return a page of files of a run of the workspace; raises `RunNotFoundError`."""
        await self._seen(query)
        return await self._page(query.run_id, query.cursor, query.limit)

    async def part(self, query: RunFilePartQuery) -> RunFilePart:
        """Return a piece of a file; raises `RunNotFoundError` and `FileNotFoundInRunError`."""
        await self._seen(query)
        return await self._part(query)

    async def _page(self, run_id: str, cursor: str | None, limit: int) -> RunFileList:
        found = list(await self.store.page(run_id, after=cursor or "", limit=limit + 1))
        more = len(found) > limit
        return RunFileList(items=found[:limit], next_cursor=found[limit - 1].path if more else None)

    async def _part(self, query: RunFilePartQuery | StepFilePartQuery) -> RunFilePart:
        file = await self.store.get(query.run_id, query.path, query.version)
        if file is None:
            which = f"version {query.version} of {query.path!r}" if query.version else repr(query.path)
            raise FileNotFoundInRunError(f"The run has no file {which}.")
        ref = content_ref(file.sha256)
        content = await self.values.part(query.run_id, ref, offset=query.offset, limit=query.limit)
        end = query.offset + len(content or b"")
        return RunFilePart(file=file, content=content or b"", next_offset=end if end < file.size else None)

    async def _seen(self, query: RunFilesQuery | RunFilePartQuery) -> None:
        if await self.views.get(query.actor, query.run_id) is None:
            raise RunNotFoundError(f"There is no run {query.run_id!r}.")

    async def _held(
        self, request: WriteRunFile | WrittenFileQuery | StepFilesQuery | StepFilePartQuery
    ) -> RunRecord:
        """Return the run of a step that the asking worker carries out."""
        return await held_step(request.run_id, request.step, request.exec, gate=self.gate, runs=self.runs)


def _new_file(request: WriteRunFile, record: RunRecord, clock: Clock) -> NewFile:
    return NewFile(
        run_id=request.run_id,
        workspace_id=record.workspace_id,
        step=request.step,
        attempt=record.state.steps[request.step].attempt,
        exec=request.exec,
        path=request.path,
        key=request.key,
        sha256=hash_of(request.content),
        size=len(request.content),
        media_type=media_type_of(request.path, request.content),
        at=clock.now(),
    )
