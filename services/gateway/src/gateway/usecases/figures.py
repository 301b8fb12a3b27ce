"""The dashboard's overview, and what was used as a report or as a table for a spreadsheet."""

import csv
import io
from datetime import UTC, date, timedelta
from typing import Final

from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.stats import (
    Overview,
    OverviewQuery,
    UsageGroup,
    UsageQuery,
    UsageReport,
    UsageRow,
    Window,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError
from flowloom_servicekit.ids import is_id
from gateway.desk_ports import Figures
from gateway.domain.principals import Principal
from gateway.ports import WorkflowStore
from gateway.usecases.workflows import summary_of

EDITS: Final = 10
LONGEST: Final = timedelta(days=400)
DEFAULT: Final = timedelta(days=29)
CSV_ROWS: Final = 10_000
STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final[tuple[UsageGroup, ...]] = ("day", "workflow", "step", "agent", "model", "user")


async def read_overview(
    window: Window, principal: Principal, *, figures: Figures, workflows: WorkflowStore
) -> Overview:
    """Return what the workspace did in a window, with the workflows that were changed last."""
    counted = await figures.overview(OverviewQuery(actor=principal.actor, window=window))
    edits = await workflows.edited(principal.workspace_id, limit=EDITS, closed=principal.actor.closed)
    return Overview(**dict(counted), recent_edits=[summary_of(row) for row in edits])


def usage_query(
    principal: Principal,
    *,
    days: tuple[date | None, date | None],
    group_by: list[UsageGroup],
    workflow_id: str | None,
    limit: int,
    clock: Clock,
) -> UsageQuery:
    """Return the question for a report; without days the last thirty."""
    until = days[1] or clock.now().astimezone(UTC).date()
    since = days[0] or until - DEFAULT
    if since > until:
        raise _wrong("since", "It is after `until`.")
    if until - since > LONGEST:
        raise _wrong("since", f"Ask for at most {LONGEST.days} days.")
    if workflow_id is not None and not is_id(workflow_id):
        raise _wrong("workflow_id", "No workflow has this id.")
    return UsageQuery(
        actor=principal.actor,
        since=since,
        until=until,
        group_by=list(dict.fromkeys(group_by)),
        workflow_id=workflow_id,
        limit=limit,
    )


def as_csv(report: UsageReport) -> str:
    """Return the rows with a head; texts that a spreadsheet would run as a formula are quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    groups = [group for group in COLUMNS if group in report.group_by]
    writer.writerow([*groups, "calls", "tokens", "usd", "seconds"])
    for row in report.items:
        names = [_harmless(_name(row, group)) for group in groups]
        writer.writerow([*names, row.calls, row.tokens, f"{row.usd:.6f}", f"{row.seconds:.3f}"])
    return text.getvalue()


def _name(row: UsageRow, group: UsageGroup) -> str:
    if group == "workflow":
        return row.workflow.name if row.workflow else ""
    if group == "user":
        return row.user or row.user_id or ""
    return str(getattr(row, group) or "")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text


def _wrong(field: str, message: str) -> InvalidRequestError:
    wrong = FieldProblem(path=field, code="invalid_value", message=message)
    return InvalidRequestError(f"{field!r} is not acceptable.", errors=[wrong])
