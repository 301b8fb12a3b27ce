"""Which passwords are taken: long ones that are not easy to guess; any characters, nothing is cut off."""

from collections.abc import Collection
from typing import Final

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError

MIN_CHARS: Final = 12
MIN_GUESSES_LOG10: Final = 8.0
"""zxcvbn's «safely unguessable» against a throttled sign-in begins here."""

MIN_OWN_CHARS: Final = 8
"""What must be left of a password without the words that everybody knows of the person."""

PRODUCT: Final = "flowloom"
_MIN_WORD: Final = 4


def words_about(*texts: str) -> list[str]:
    """Return the words that a guesser knows: parts of addresses and names, and the product."""
    parts = {PRODUCT}
    for text in texts:
        pieces = "".join(character if character.isalnum() else " " for character in text.casefold())
        parts |= {piece for piece in pieces.split() if len(piece) >= _MIN_WORD}
    return sorted(parts, key=len, reverse=True)


def check_form(password: str, words: Collection[str], *, field: str) -> None:
    """Raise InvalidRequestError for a short password, or one that consists of known words."""
    if len(password) < MIN_CHARS:
        raise _refused(field, "too_short", f"Use at least {MIN_CHARS} characters.")
    own = password.casefold()
    for word in words:
        own = own.replace(word, "")
    if len(own) < MIN_OWN_CHARS:
        raise _refused(field, "known_words", "Use more than your name, address or this product's name.")


def check_guesses(guesses_log10: float, *, field: str) -> None:
    """Raise InvalidRequestError for a password that is among the first to be tried."""
    if guesses_log10 < MIN_GUESSES_LOG10:
        raise _refused(field, "easy_to_guess", "It is easy to guess; four unusual words are better.")


def _refused(field: str, code: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(
        "The password is not acceptable.", errors=[FieldProblem(path=field, code=code, message=message)]
    )
