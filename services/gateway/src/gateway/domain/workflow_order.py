"""The orders of the list of workflows: by which key each goes, and which cursors belong to it."""

from datetime import datetime
from typing import Protocol

from flowloom_contracts.api import WorkflowOrder
from gateway.domain.paging import Place, invalid_cursor


class Sortable(Protocol):
    """A row of the list, as far as its place depends on it."""

    @property
    def name(self) -> str:
        """Unique in its workspace."""

    @property
    def updated_at(self) -> datetime:
        """When it was saved last."""


def sort_key(order: WorkflowOrder, row: Sortable) -> str:
    """Return the key of a row; by age rows are ordered by their ids alone."""
    if order == "name":
        return row.name
    return row.updated_at.isoformat() if order == "edited" else ""


def edited_at(place: Place) -> datetime:
    """Return the time in the key of a place among the last edited; raise InvalidCursorError for none."""
    try:
        time = datetime.fromisoformat(place.key)
    except ValueError as error:
        raise invalid_cursor() from error
    if time.tzinfo is None:
        raise invalid_cursor()
    return time


def checked_place(order: WorkflowOrder, place: Place | None) -> Place | None:
    """Return a place of this order; raise InvalidCursorError for one of another order."""
    if place is None:
        return None
    if order == "edited":
        edited_at(place)
    elif (order == "name") != bool(place.key) or "\x00" in place.key:
        raise invalid_cursor()
    return place
