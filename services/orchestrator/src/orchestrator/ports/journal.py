"""Calls that steps make."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from orchestrator.domain.budgets import Cap, PriceOf
from orchestrator.domain.journal import BegunCall, CappedCall
from orchestrator.domain.records import Committed, JournalEntry, NewEvent


class JournalStore(Protocol):
    """Calls that steps have made, and the events that tell of them."""

    async def begin(self, call: BeginCall) -> CallBegun:
        """Look a call up; a `once` call is written down before it is made."""

    async def begin_within(
        self, call: BeginCall, caps: Sequence[Cap], *, price: PriceOf, now: datetime
    ) -> CappedCall:
        """Look a call up like `begin`; one that has to be made reserves its worst case in every budget.

        All of it is one transaction, so that branches beside each other never reserve the same rest.
        """

    async def end(
        self, call: EndCall, entry: JournalEntry, event: NewEvent
    ) -> Committed | Literal["known", "superseded"]:
        """Keep an answer with its event, and settle what the call had reserved.

        `known`: this execution told it before and the answer to that was lost; nothing is added.
        `superseded`: another worker has the step.
        """

    async def tell(self, call: BeginCall, event: NewEvent) -> Committed | None:
        """Add an event of a call that needs no entry; None when another worker has the step."""

    async def begun(self, call: EndCall) -> BegunCall | None:
        """Return how a call was announced."""
