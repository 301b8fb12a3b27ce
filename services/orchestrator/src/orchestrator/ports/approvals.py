"""What waits for people, as people look at it."""

from collections.abc import Sequence
from typing import Protocol

from flowloom_contracts.approvals import Approval, ApprovalStatus
from flowloom_contracts.runs import Actor


class ApprovalStore(Protocol):
    """The inbox of a workspace; items are written with the run's own commits and only read here."""

    async def item(self, actor: Actor, approval_id: str) -> Approval | None:
        """Return an item of the asking workspace, if the person who asks may see it."""

    async def inbox(
        self,
        actor: Actor,
        *,
        status: ApprovalStatus | None,
        run_id: str | None,
        mine: bool,
        before: str | None,
        limit: int,
    ) -> Sequence[Approval]:
        """Return items that somebody may see, newest first, older than the id `before`.

        With `mine` only what they may decide.
        """
