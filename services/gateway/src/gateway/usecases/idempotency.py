"""The form of an Idempotency-Key."""

from typing import Final

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError

MAX_KEY_CHARS: Final = 255


def check_key(key: str | None) -> None:
    """Raise InvalidRequestError for a key that is not 1 to 255 visible ASCII characters."""
    if key is not None and not (0 < len(key) <= MAX_KEY_CHARS and key.isascii() and key.isprintable()):
        wrong = FieldProblem(
            path="Idempotency-Key", code="invalid_value", message="Use 1 to 255 visible ASCII characters."
        )
        raise InvalidRequestError("The Idempotency-Key is not acceptable.", errors=[wrong])
