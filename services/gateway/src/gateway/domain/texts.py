"""Short texts that people give: names and addresses, without characters that hide or break something."""

import unicodedata
from typing import Final

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(value: str, field: str) -> str:
    """Return the text trimmed; raise InvalidRequestError if it is empty or has invisible characters."""
    trimmed = unicodedata.normalize("NFC", value).strip()
    if not trimmed or any(unicodedata.category(character) in _HIDDEN for character in trimmed):
        wrong = FieldProblem(path=field, code="invalid_value", message="Use visible characters on one line.")
        raise InvalidRequestError(f"{field!r} is empty or has invisible characters.", errors=[wrong])
    return trimmed


def printable(value: str) -> str:
    """Return the text with a space for each character that hides or breaks something."""
    return "".join(character if character.isprintable() else " " for character in value)


def account_key(email: str) -> str:
    """Return the form in which addresses are compared: one account per address, whatever its case."""
    return unicodedata.normalize("NFKC", email).strip().casefold()
