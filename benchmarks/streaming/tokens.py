"""Tokens of the mock model, which carry the time of their sending."""

import re
from typing import Final

TOKEN: Final = re.compile(r"(\d{4})@(\d{19}) ")


def sent_times(text: str) -> list[int]:
    """Return when each whole token in a text was sent, in nanoseconds."""
    return [int(found[2]) for found in TOKEN.finditer(text)]
