"""The queue of accepted runs and the slots they wait for."""

from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.records import OutboxItem


@dataclass(frozen=True)
class Admitted:
    """A run that has got its slot, and the committed outbox row that starts its driver."""

    run_id: str
    epoch: int
    start: OutboxItem


@dataclass(frozen=True)
class Replaced:
    """A run that makes room for newer ones of its key (`on_full: cancel_oldest`)."""

    run_id: str
    workspace_id: str


@dataclass(frozen=True)
class Admission:
    """What one pass has done; `is_waiting` says whether somebody may still wait: the next pass knows."""

    admitted: tuple[Admitted, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    is_waiting: bool = False


class AdmissionStore(Protocol):
    """The queue of accepted runs; creating and committing runs keeps it, nobody else writes it."""

    async def admit(self, *, limit: int) -> Admission | None:
        """Give free slots to waiting runs, at most `limit`; None while another process does.

        Whoever is admitted has its outbox row in the same transaction. Runs in `replaced` are named again by
        every pass until they have ended.
        """

    async def is_waiting(self) -> bool:
        """Whether a run waits for a slot or for others of its key."""

    async def queued(self, workspace_id: str, *, limit: int) -> int:
        """Return how many runs of a workspace wait; counts no further than `limit`."""
