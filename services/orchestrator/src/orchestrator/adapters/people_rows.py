"""Turns items of the inbox and changes of budgets into parameters."""

from collections.abc import Mapping, Sequence

from flowloom_contracts.approvals import Approval
from orchestrator.adapters.rows import json_text
from orchestrator.domain.deciding import asked_of
from orchestrator.domain.records import LedgerChange


def approvals_text(items: Sequence[Approval]) -> str:
    """Return items as the JSON array that the commit unpacks."""
    rows = [
        {
            "id": item.id,
            "step": item.step,
            "status": item.status,
            "asked": sorted(asked_of(item.to)),
            "item": item.model_dump(mode="json"),
        }
        for item in items
    ]
    return json_text(rows)


def ledgers_text(changes: Sequence[LedgerChange]) -> str:
    """Return changes of budgets as the JSON array that the commit unpacks."""
    rows = [
        {
            "owners": [*change.owners],
            "raised": change.raised,
            "tokens": change.tokens,
            "usd_micro": change.usd_micro,
            "model": change.model,
            "overtime": [*change.overtime],
        }
        for change in changes
    ]
    return json_text(rows)


def worked_text(worked: Mapping[str, int]) -> str:
    """Return how long was worked, by budget, as the JSON array that the commit unpacks."""
    return json_text([{"owner": owner, "worked_ms": ms} for owner, ms in worked.items()])
