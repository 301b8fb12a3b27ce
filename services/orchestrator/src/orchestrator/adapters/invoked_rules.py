"""The rules of workspaces from the gateway, kept for as long as a change of them may take to hold."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from flowloom_contracts.rules import Rule, RuleSet, RulesQuery
from flowloom_contracts.runs import Actor
from flowloom_contracts.topics import AppId
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.invoke import Invoker

FRESH_SECONDS: Final = 1.0
MAX_WORKSPACES: Final = 1_000
TIMEOUT_SECONDS: Final = 5.0


class InvokedRules:
    """See `RulesSource`. Without an answer of the gateway nobody goes on: a rule may forbid it."""

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, tuple[Rule, ...]]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[tuple[Rule, ...]]] = {}

    def at_hand(self, workspace_id: str) -> Sequence[Rule] | None:
        """See `RulesSource.at_hand`."""
        asked_at, rules = self._known.get(workspace_id, (0.0, None))
        is_fresh = rules is not None and self._clock.monotonic() - asked_at < FRESH_SECONDS
        return rules if is_fresh else None

    async def of(self, workspace_id: str) -> tuple[Rule, ...]:
        """See `RulesSource.of`; those who ask at the same time share one question."""
        known = self.at_hand(workspace_id)
        if known is not None:
            return tuple(known)
        asking = self._asking.get(workspace_id)
        if asking is None:
            asking = asyncio.ensure_future(self._ask(workspace_id))
            self._asking[workspace_id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(workspace_id, None))
        return await asyncio.shield(asking)

    async def _ask(self, workspace_id: str) -> tuple[Rule, ...]:
        # What it says holds from the moment it was asked, not from when the answer came.
        asked_at = self._clock.monotonic()
        query = RulesQuery(actor=Actor(workspace_id=workspace_id))
        found = await self._invoker.call(
            AppId.GATEWAY, "rules/list", query, RuleSet, timeout_s=TIMEOUT_SECONDS
        )
        rules = tuple(rule for rule in found.items if rule.enabled)
        self._known[workspace_id] = (asked_at, rules)
        self._known.move_to_end(workspace_id)
        if len(self._known) > MAX_WORKSPACES:
            self._known.popitem(last=False)
        return rules
