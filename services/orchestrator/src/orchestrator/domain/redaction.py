"""Takes the values of secrets out of everything that a step gives back."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from flowloom_contracts.base import JsonValue

LEAST_CHARACTERS: Final = 4
"""Shorter values would black out texts that have nothing to do with them."""


class Redactor:
    """Replaces each value, also as URLs, JSON and base64 write it, by `[secret:name]`."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._names = {form: name for name, value in secrets.items() for form in _forms(value)}
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: f"[secret:{self._names[found[0]]}]", text)

    def value(self, value: JsonValue) -> JsonValue:
        """Return a value whose texts, names of fields included, have no secrets."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(item) for name, item in value.items()}
        return value


def _forms(value: str) -> Iterator[str]:
    if len(value) < LEAST_CHARACTERS:
        return
    data = value.encode()
    yield value
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(value)[1:-1]
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    for encoded in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        yield encoded.decode()
        yield encoded.decode().rstrip("=")


NOTHING_SECRET: Final = Redactor({})
