"""Opaque cursors of keyset pages: the id of the last row a reader has seen."""

import base64
import binascii
from uuid import UUID

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError


class InvalidCursorError(InvalidRequestError):
    """A cursor that no page handed out."""

    title = "Invalid cursor"


def cursor_of(row_id: str) -> str:
    """Return the cursor after a row."""
    return base64.urlsafe_b64encode(UUID(row_id).bytes).decode().rstrip("=")


def row_after(cursor: str | None) -> str | None:
    """Return the id a cursor stands for; raise InvalidCursorError for anything we did not hand out."""
    if cursor is None:
        return None
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")))
    except (ValueError, binascii.Error) as error:
        wrong = FieldProblem(path="cursor", code="invalid_cursor", message="Take it from `next_cursor`.")
        raise InvalidCursorError("`cursor` is not one we gave.", errors=[wrong]) from error
