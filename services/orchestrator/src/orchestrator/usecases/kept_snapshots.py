"""Snapshots of runs that have ended, kept while nothing changes about them: they are read again and again."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.runs import RunQuery
from orchestrator.ports.views import RunMark, RunViews

MOST_BYTES: Final = 16_000_000
"""Of all that is kept, as JSON."""

LARGEST_BYTES: Final = 500_000


@dataclass(frozen=True, slots=True)
class _Kept:
    mark: RunMark
    said: bytes


class KeptSnapshots:
    """Gives a snapshot again for one small question; who may see the run is judged by that question."""

    def __init__(self, views: RunViews) -> None:
        self._views = views
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    async def find(self, query: RunQuery) -> bytes | None:
        """Return the JSON that is kept of a run if it is still as it was, and who asks may see it."""
        known = self._kept.get(query.run_id)
        if known is None:
            return None
        mark = await self._views.mark(query.actor, query.run_id)
        if mark == known.mark:
            self._kept.move_to_end(query.run_id)
            return known.said
        if mark is not None:
            self._forget(query.run_id)
        return None

    def keep(self, run_id: str, mark: RunMark, said: bytes) -> None:
        """Keep what is sent of a snapshot that nothing but a change of the run can change."""
        self._forget(run_id)
        if len(said) > LARGEST_BYTES:
            return
        self._kept[run_id] = _Kept(mark, said)
        self._size += len(said)
        while self._size > MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, run_id: str) -> None:
        gone = self._kept.pop(run_id, None)
        self._size -= len(gone.said) if gone is not None else 0
