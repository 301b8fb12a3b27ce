"""Which runs of the list are wanted, and the list as JSON or as a table."""

import csv
import io
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import Depends, Query, Response

from flowloom_contracts.base import Moment
from flowloom_contracts.runs import LABEL_PATTERN, Run, RunFilter, RunList, RunStatus

Order: TypeAlias = Literal["newest", "oldest"]
CSV: Final = "text/csv"
COLUMNS: Final = (
    "id",
    "workflow",
    "version",
    "status",
    "attempt",
    "created_at",
    "started_at",
    "finished_at",
    "seconds",
    "tokens",
    "usd",
    "error",
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""

Seconds = Annotated[float | None, Query(ge=0, le=1e9)]


async def wanted_runs(
    *,
    status: Annotated[list[RunStatus] | None, Query(max_length=10, description="May be repeated.")] = None,
    label: Annotated[str | None, Query(pattern=LABEL_PATTERN, description="`name=value`.")] = None,
    text: Annotated[
        str | None,
        Query(
            max_length=200, pattern=r"^[^\x00]*$", description="In the workflow's name, or how the id begins."
        ),
    ] = None,
    created_from: Annotated[Moment | None, Query(description="At this time or later.")] = None,
    created_before: Moment | None = None,
    longer_than_s: Seconds = None,
    shorter_than_s: Seconds = None,
) -> RunFilter:
    """Return what the query string asks for."""
    return RunFilter(
        statuses=status or [],
        label=label,
        text=text,
        created_from=created_from,
        created_before=created_before,
        longer_than_s=longer_than_s,
        shorter_than_s=shorter_than_s,
    )


WantedRuns = Annotated[RunFilter, Depends(wanted_runs)]


def run_page_answer(page: RunList, *, accept: str) -> Response:
    """Return a page in the form that the client reads."""
    if not accept.lower().startswith(CSV):
        return Response(page.model_dump_json(), media_type="application/json", headers={"vary": "accept"})
    headers = {"vary": "accept", "content-disposition": 'attachment; filename="runs.csv"'}
    if page.next_cursor is not None:
        headers["link"] = f'<?cursor={page.next_cursor}>; rel="next"'
    return Response(_table(page), media_type=CSV, headers=headers)


def _table(page: RunList) -> str:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _row(run)] for run in page.items)
    return lines.getvalue()


def _row(run: Run) -> tuple[object, ...]:
    error = "" if run.error is None else f"{run.error.code}: {run.error.message}"
    return (
        run.id,
        run.workflow.name,
        run.version,
        run.status.value,
        run.attempt,
        run.created_at,
        run.started_at,
        run.finished_at,
        _seconds(run),
        run.usage.tokens,
        run.usage.usd,
        error,
    )


def _seconds(run: Run) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return (run.finished_at - run.started_at).total_seconds()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
