"""The filter of the list of runs, for runs that are kept in memory."""

from flowloom_contracts.runs import Actor, RunListQuery
from orchestrator.domain.records import RunRecord
from orchestrator.domain.sight import sees


def is_seen(record: RunRecord, actor: Actor) -> bool:
    """Whether somebody may see a run."""
    is_here = record.workspace_id == actor.workspace_id
    return is_here and sees(actor, record.workflow.id, record.origin)


def is_behind(run_id: str, query: RunListQuery) -> bool:
    """Whether a run comes after the cursor of a page."""
    if query.cursor is None:
        return True
    return run_id < query.cursor if query.order == "newest" else run_id > query.cursor


def is_wanted(record: RunRecord, query: RunListQuery) -> bool:
    """Whether a run is what a list asks for."""
    only = query.only
    statuses = [query.status] if query.status else only.statuses
    label, _, value = (only.label or "").partition("=")
    return (
        query.workflow_id in (None, record.workflow.id)
        and (not statuses or record.state.status in statuses)
        and (not label or record.origin.labels.get(label) == value)
        and _is_found(record, only.text)
        and (only.created_from is None or record.created_at >= only.created_from)
        and (only.created_before is None or record.created_at < only.created_before)
        and _lasted(record, longer_than_s=only.longer_than_s, shorter_than_s=only.shorter_than_s)
    )


def _is_found(record: RunRecord, text: str | None) -> bool:
    return text is None or text.lower() in record.workflow.name.lower() or record.id.startswith(text)


def _lasted(record: RunRecord, *, longer_than_s: float | None, shorter_than_s: float | None) -> bool:
    if longer_than_s is None and shorter_than_s is None:
        return True
    began, ended = record.state.started_at, record.state.finished_at
    if began is None or ended is None:
        return False
    seconds = (ended - began).total_seconds()
    return (longer_than_s is None or seconds > longer_than_s) and (
        shorter_than_s is None or seconds < shorter_than_s
    )
