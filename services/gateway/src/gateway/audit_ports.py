"""What the audit log needs from outside."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.audit import AuditOutcome
from gateway.domain.audit import Deed, Link


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is None is not asked."""

    action: str | None = None
    outcome: AuditOutcome | None = None
    actor_id: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class BegunDeeds(Protocol):
    """Deeds that are about to be done elsewhere; what stays here is written down by the relay."""

    async def keep(self, deed_id: str, deed: Deed, *, until: datetime) -> None:
        """Keep a deed before it is done; from `until` on nobody is expected to tell its end."""

    async def drop(self, deed_id: str) -> None:
        """Forget a deed: it is written down, or was refused."""


class AuditLog(Protocol):
    """Entries of one workspace at a time; there is no way to change one."""

    async def add(self, deed: Deed, *, source: str | None = None) -> None:
        """Write down what changes nothing else here; a `source` seen before adds nothing."""

    async def page(
        self, workspace_id: str, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[Link]:
        """Return entries, newest first, from below the number `before`."""

    def chain(self, workspace_id: str) -> AsyncIterator[list[Link]]:
        """Give the whole chain in batches, oldest first."""
