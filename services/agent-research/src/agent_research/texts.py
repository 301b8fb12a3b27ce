"""Finds words in a text whatever white space stands between them."""

from dataclasses import dataclass
from typing import Final

MIN_QUOTE_CHARS: Final = 8
"""A shorter quote is in every text and shows nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, in characters of the text."""

    start: int
    end: int


def squeezed(text: str) -> str:
    """Return a text on one line with single spaces."""
    return " ".join(text.split())


def place_of(quote: str, text: str) -> Place | None:
    """Return where a quote stands in a text, or None; only white space may differ."""
    wanted = squeezed(quote)
    if not wanted:
        return None
    kept, places = _with_places(text)
    found = kept.find(wanted)
    if found < 0:
        return None
    return Place(places[found], places[found + len(wanted) - 1] + 1)


def _with_places(text: str) -> tuple[str, list[int]]:
    """Return the squeezed text and for each of its characters where it stood."""
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if not char.isspace():
            kept.append(char)
        elif kept and kept[-1] != " ":
            kept.append(" ")
        else:
            continue
        places.append(place)
    return "".join(kept), places
