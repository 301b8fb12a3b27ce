"""The rules of a workspace, as they are now."""

from collections.abc import Sequence
from typing import Protocol

from flowloom_contracts.rules import Rule


class RulesSource(Protocol):
    """Knows the enabled rules of workspaces; what it says is at most a second old."""

    async def of(self, workspace_id: str) -> tuple[Rule, ...]:
        """Return the rules in their order; raises `UpstreamError` when nobody can say: nothing goes on."""

    def at_hand(self, workspace_id: str) -> Sequence[Rule] | None:
        """Return the rules if they are known without asking."""
