"""One event as it travels: encoded once, shared by every viewer."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import orjson

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.streams.cursor import Cursor

_TYPE = re.compile(r'"type":\s*"([^"\\]*)"')
# The place in the stream is known only to the script that appends, so a body never carries it.
PLACE_FIELDS: Final = frozenset({"stream", "epoch", "seq"})

T = TypeVar("T")


class Frame:
    """An envelope as JSON text with its cursor, and whatever forms of it viewers share."""

    __slots__ = ("_forms", "cursor", "text")

    def __init__(self, stream: str, cursor: Cursor, body: str) -> None:
        self.cursor = cursor
        self.text = f'{{"stream":"{stream}","epoch":{cursor.epoch},"seq":{cursor.seq},{body[1:]}'
        self._forms: dict[str, object] = {}

    @property
    def type(self) -> str:
        """The event type; contracts put `type` before `data`, so the first match is the envelope's."""
        match = _TYPE.search(self.text)
        return match[1] if match else ""

    def form(self, name: str, build: Callable[["Frame"], T]) -> T:
        """Return `build(frame)`, made once a frame however many viewers ask for it."""
        if name not in self._forms:
            self._forms[name] = build(self)
        return self._forms[name]  # type: ignore[return-value]  # one name belongs to one builder


def encode_body(envelope: Mapping[str, JsonValue]) -> str:
    """Return an envelope as the JSON text of a stream entry, without its place and its absent fields."""
    kept = {key: value for key, value in envelope.items() if key not in PLACE_FIELDS and value is not None}
    return orjson.dumps(kept).decode()
