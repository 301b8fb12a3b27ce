"""The mandates that a process holds: what the orchestrator lets it do elsewhere for a workspace."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

RENEW_AFTER_SECONDS: Final = 180.0
KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Mandate:
    workspace_id: str
    text: str
    kept_at: float


class MandateBook:
    """Mandates by run, which is how they are given and renewed, and by workspace, which is how they are used.

    The newest of a workspace serves all its runs: it says nothing that an older one would not.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._of_runs: OrderedDict[str, _Mandate] = OrderedDict()
        self._of_workspaces: OrderedDict[str, _Mandate] = OrderedDict()

    def keep(self, text: str, *, workspace_id: str, run_id: str) -> None:
        """Keep what was given with a step."""
        mandate = _Mandate(workspace_id, text, self._now())
        for book, name in ((self._of_runs, run_id), (self._of_workspaces, workspace_id)):
            book[name] = mandate
            book.move_to_end(name)
            if len(book) > KEPT:
                book.popitem(last=False)

    def renewed(self, text: str, *, run_id: str) -> None:
        """Keep what was given for an older mandate of a run."""
        known = self._of_runs.get(run_id)
        if known is not None:
            self.keep(text, workspace_id=known.workspace_id, run_id=run_id)

    def due(self, run_id: str) -> str | None:
        """Return the mandate of a run when it is time to have it renewed."""
        known = self._of_runs.get(run_id)
        if known is None or self._now() - known.kept_at < RENEW_AFTER_SECONDS:
            return None
        return known.text

    def of(self, workspace_id: str | None) -> str | None:
        """Return what to show for acts in a workspace."""
        known = self._of_workspaces.get(workspace_id) if workspace_id is not None else None
        return None if known is None else known.text
