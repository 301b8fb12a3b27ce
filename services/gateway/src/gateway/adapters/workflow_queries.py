"""The conditions and orders of the list of workflows as SQL; every order has an index of its own."""

from typing import Final

from sqlalchemy import Select, literal, or_, tuple_
from sqlalchemy.sql.elements import ColumnElement

from flowloom_contracts.api import WorkflowFilter, WorkflowOrder, WorkflowState
from gateway.adapters.tables import workflows
from gateway.domain.paging import Place
from gateway.domain.workflow_order import edited_at

_w = workflows.c
_STATES: Final[dict[WorkflowState, ColumnElement[bool]]] = {
    "published": _w.published_version.is_not(None),
    "unpublished": _w.published_version.is_(None),
    "invalid": _w.draft_valid.is_(False),
}


def conditions(wanted: WorkflowFilter) -> list[ColumnElement[bool]]:
    """Return what holds for each wanted row."""
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        found.append(
            or_(
                _w.name.icontains(wanted.text, autoescape=True),
                _w.title.icontains(wanted.text, autoescape=True),
            )
        )
    if wanted.label is not None:
        name, _, value = wanted.label.partition("=")
        found.append(_w.labels.contains({name: value}))
    if wanted.states:
        found.append(or_(*(_STATES[state] for state in wanted.states)))
    return found


def ordered(
    query: Select[*tuple[object, ...]], order: WorkflowOrder, after: Place | None
) -> Select[*tuple[object, ...]]:
    """Return the query in an order, from behind a place of that order."""
    if order == "name":
        query = query.order_by(_w.name)
        return query if after is None else query.where(_w.name > after.key)
    if order == "edited":
        query = query.order_by(_w.updated_at.desc(), _w.id.desc())
        if after is None:
            return query
        return query.where(
            tuple_(_w.updated_at, _w.id) < tuple_(edited_at(after), literal(after.row_id, _w.id.type))
        )
    if order == "oldest":
        query = query.order_by(_w.id)
        return query if after is None else query.where(_w.id > after.row_id)
    query = query.order_by(_w.id.desc())
    return query if after is None else query.where(_w.id < after.row_id)
