"""Values too large for the state of a run."""

from collections.abc import Collection
from typing import Protocol


class ValueStore(Protocol):
    """Bodies of JSON by run and reference; equal values of a run are kept once.

    Values stay as long as their run is stored; `sweep` removes those that have lost it.
    """

    async def keep(self, run_id: str, ref: str, body: bytes) -> None:
        """Keep a body durably; keeping it again changes nothing. Raises `UpstreamError`."""

    async def size(self, run_id: str, ref: str) -> int | None:
        """Return the length of a body in bytes, or None when the run has no such value."""

    async def load(self, run_id: str, ref: str) -> bytes | None:
        """Return a body, or None when the run has no such value."""

    async def part(self, run_id: str, ref: str, *, offset: int, limit: int) -> bytes | None:
        """Return up to `limit` bytes of a body from a place on; None when the run has no such value."""

    async def adopt(self, run_id: str, origin: str, refs: Collection[str]) -> None:
        """Give a run the values of another one, because it reuses what that run did."""

    async def sweep(self) -> int:
        """Remove values, older than an hour, of runs that are not stored; return how many."""
