"""The one form in which a call's response is used, whether it was just made or comes from the journal."""

from contextlib import suppress
from decimal import Decimal
from math import isfinite
from typing import Final

from flowloom_contracts.base import JsonValue

_EXPONENT_FROM: Final = 1e16
"""From here on doubles are written with an exponent, and the journal writes their digits out."""
_LARGE: Final = 2**63
"""Larger whole numbers are doubles for every reader of JSON but Python."""


def as_kept(response: JsonValue) -> JsonValue:
    """Return a response as the journal gives it back, each time the same.

    A database keeps neither the order of keys nor how a number was written. Prompts are made from responses,
    and a replayed one must be the same, character by character: another would be asked, and paid, again.
    """
    match response:
        case dict():
            named = {_text(key): item for key, item in response.items()}
            return {key: as_kept(named[key]) for key in sorted(named)}
        case list():
            return [as_kept(item) for item in response]
        case str():
            return _text(response)
        case float() if isfinite(response):
            return _number(response)
        case int() if abs(response) >= _LARGE:
            with suppress(OverflowError):
                return float(response)
    return response


def _number(number: float) -> int | float:
    """A double keeps its value; whole ones that have an exponent and are no larger than 64 bits lose it."""
    if _EXPONENT_FROM <= abs(number) < _LARGE:
        return int(Decimal(repr(number)))
    return number + 0.0  # there is no negative zero


def _text(text: str) -> str:
    """No text in Postgres holds a null character."""
    return text.replace("\x00", "\ufffd")
