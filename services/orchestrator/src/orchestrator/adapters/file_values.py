"""Large values as files of one folder: for one machine, or a folder that all replicas share."""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from flowloom_contracts.values import REF_PREFIX
from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError
from flowloom_servicekit.ids import is_id, new_id

NO_SPACE: Final = frozenset({28, 122})
"""ENOSPC and EDQUOT."""

SWEPT_AFTER_SECONDS: Final = 3600

T = TypeVar("T")

Known = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Returns those of some run ids that are stored."""


class FileValueStore:
    """See `ValueStore`."""

    def __init__(self, folder: Path, *, known: Known) -> None:
        self._folder = folder
        self._known = known

    async def keep(self, run_id: str, ref: str, body: bytes) -> None:
        """See `ValueStore.keep`."""
        await self._do(lambda: _write(self._path(run_id, ref), body))

    async def size(self, run_id: str, ref: str) -> int | None:
        """See `ValueStore.size`."""
        path = self._path(run_id, ref)
        return await self._do(lambda: path.stat().st_size if path.exists() else None)

    async def load(self, run_id: str, ref: str) -> bytes | None:
        """See `ValueStore.load`."""
        path = self._path(run_id, ref)
        return await self._do(lambda: path.read_bytes() if path.exists() else None)

    async def part(self, run_id: str, ref: str, *, offset: int, limit: int) -> bytes | None:
        """See `ValueStore.part`."""
        path = self._path(run_id, ref)
        return await self._do(lambda: _read_part(path, offset, limit) if path.exists() else None)

    async def adopt(self, run_id: str, origin: str, refs: Collection[str]) -> None:
        """See `ValueStore.adopt`."""
        for ref in refs:
            body = await self.load(origin, ref)
            if body is not None:
                await self.keep(run_id, ref, body)

    async def sweep(self) -> int:
        """See `ValueStore.sweep`."""
        old = await self._do(lambda: _old_runs(self._folder))
        known = await self._known(old) if old else ()
        lost = [run_id for run_id in old if run_id not in known]
        for run_id in lost:
            await self._do(partial(shutil.rmtree, self._folder / run_id, ignore_errors=True))
        return len(lost)

    def _path(self, run_id: str, ref: str) -> Path:
        # Both come from our own tables; checked all the same, because a path is made of them.
        name = ref.removeprefix(REF_PREFIX)
        if not is_id(run_id) or not name.isalnum():
            raise ValueError(f"{run_id!r} {ref!r} is no place of a value")
        return self._folder / run_id / name

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise StorageFullError("the folder of large values has no room left") from error
            raise StorageUnavailableError("the folder of large values cannot be used") from error


def _write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all, and durably."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{new_id()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_part(path: Path, offset: int, limit: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(limit)


def _old_runs(folder: Path) -> list[str]:
    if not folder.exists():
        return []
    before = time.time() - SWEPT_AFTER_SECONDS
    return [one.name for one in folder.iterdir() if is_id(one.name) and one.stat().st_mtime < before]
