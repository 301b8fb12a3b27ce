"""Opaque cursors of keyset pages: where the last row stands that a reader has seen."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError


class InvalidCursorError(InvalidRequestError):
    """A cursor that no page handed out."""

    title = "Invalid cursor"


_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in a list that is ordered by a key; rows of one key stand in the order of ids."""

    key: str
    row_id: str


def cursor_of(row_id: str, key: str = "") -> str:
    """Return the cursor after a row."""
    return base64.urlsafe_b64encode(UUID(row_id).bytes + key.encode()).decode().rstrip("=")


def row_after(cursor: str | None) -> str | None:
    """Return the id a cursor stands for; raise InvalidCursorError for anything we did not hand out."""
    place = place_after(cursor)
    if place is None:
        return None
    if place.key:
        raise invalid_cursor()
    return place.row_id


def place_after(cursor: str | None) -> Place | None:
    """Return the place a cursor stands for; raise InvalidCursorError for anything we did not hand out."""
    if cursor is None:
        return None
    try:
        said = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        return Place(said[_ID_BYTES:].decode(), str(UUID(bytes=said[:_ID_BYTES])))
    except (ValueError, binascii.Error) as error:
        raise invalid_cursor() from error


def invalid_cursor() -> InvalidCursorError:
    """Return the refusal of a cursor of another list."""
    wrong = FieldProblem(path="cursor", code="invalid_cursor", message="Take it from `next_cursor`.")
    return InvalidCursorError("`cursor` is not one we gave.", errors=[wrong])
