"""What users tell their workspace, and who waits for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flowloom_contracts.automation import UserEvent


class EventStore(Protocol):
    """Events of users, kept for a while, and the runs that wait for them.

    A commit that brings an event to a run stores a receipt; with a receipt that is there already it raises
    `AlreadyReceivedError`.
    """

    async def keep(self, event: UserEvent, *, now: datetime) -> bool:
        """Keep an event; False when it is known, because it came before."""

    async def undelivered(self, *, older_than: datetime, limit: int) -> Sequence[UserEvent]:
        """Return events, oldest first, that came before a moment and that nobody has looked after yet."""

    async def waiting(self, workspace_id: str, name: str) -> Sequence[str]:
        """Return the runs of a workspace with a step that waits for an event of this name."""

    async def delivered(self, event: UserEvent, *, now: datetime) -> None:
        """Remember that every run that waited was offered the event."""

    async def recent(self, run_id: str, name: str, *, since: datetime) -> Sequence[UserEvent]:
        """Return events, oldest first, that came since a moment and while the run existed.

        Those that the run has received are not among them.
        """

    async def has_received(self, run_id: str, event_id: str) -> bool:
        """Whether an event has reached a run."""

    async def tidy(self, before: datetime) -> None:
        """Forget events that came before a moment."""
