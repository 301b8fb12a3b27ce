"""JSON that people send for keeping: what cannot be written as JSON again is refused at the door."""

import json

from flowloom_contracts.base import JsonValue
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError


def canonical(value: JsonValue, field: str) -> bytes:
    """Return the one spelling of a value: keys sorted, no spaces, UTF-8.

    Raises InvalidRequestError for NaN, infinities and halves of surrogate pairs, which Python reads.
    """
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()
    except ValueError as error:
        wrong = FieldProblem(path=field, code="invalid_value", message="Not a JSON value.")
        raise InvalidRequestError(
            f"{field!r} has a number or a character that JSON does not know.", errors=[wrong]
        ) from error
