"""Takes what is too large out of a value and leaves a preview with a reference in its place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.values import MAX_VALUE_BYTES, PREVIEW_BYTES, REF_PREFIX
from flowloom_language.large_values import large_value, ref_of
from flowloom_servicekit.errors import UpstreamError

PREVIEW_CHARACTERS: Final = 1_000
ITEM_PREVIEW_CHARACTERS: Final = 100
LIST_BYTES: Final = 1_000_000
"""The longest list that a loop has in its state."""
PIECE_BYTES: Final = 256_000
SMALL_ITEM_BYTES: Final = 300
"""What stands for a larger item takes about as much."""
SURELY_SMALL: Final = PREVIEW_BYTES // 8
"""Characters of a text whose JSON cannot be too large, whatever they are."""


@dataclass(frozen=True)
class LargeValue:
    """A value's JSON under the reference that stands for it."""

    ref: str
    body: bytes


class ValueTooLargeError(Exception):
    """Nobody keeps a value of this size."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"The output has {size:,} bytes of JSON; at most {MAX_VALUE_BYTES:,} are kept."
            " Take only what is needed."
        )


class ValuesNeededError(UpstreamError):
    """A decision looks into large values: it is made again with them."""

    title = "A large value of the run is not available"

    def __init__(self, refs: tuple[str, ...]) -> None:
        super().__init__("the run's values cannot be read")
        self.refs = refs


def taken_out(value: JsonValue) -> tuple[JsonValue, tuple[LargeValue, ...]]:
    """Return a value that fits into a state, and what was taken out of it.

    Of an object the large fields leave one by one, so that the small ones can be read without them.
    Raises ValueTooLargeError.
    """
    if isinstance(value, str | int | float | bool | None) and _is_surely_small(value):
        return value, ()
    body = _json(value)
    if len(body) <= PREVIEW_BYTES:
        return value, ()
    if isinstance(value, dict) and ref_of(value) is None:
        lighter, found = _without_large_fields(value)
        if found and len(_json(lighter)) <= PREVIEW_BYTES:
            return lighter, found
    return _replaced(value, body)


def in_pieces(items: list[JsonValue]) -> tuple[list[JsonValue], tuple[LargeValue, ...]]:
    """Return the items of a loop as a state takes them, and what was taken out of a long list.

    Items leave for pieces of a list, so that whoever works on one loads its piece and not the whole.
    Raises ValueTooLargeError.
    """
    bodies = [_json(item) for item in items]
    total = sum(map(len, bodies))
    if total > MAX_VALUE_BYTES:
        raise ValueTooLargeError(total)
    if total <= LIST_BYTES:
        return items, ()
    lighter, found, piece = list(items), list[LargeValue](), dict[int, bytes]()
    for place, body in enumerate(bodies):
        if len(body) <= SMALL_ITEM_BYTES or ref_of(items[place]) is not None:
            continue
        if len(body) > PREVIEW_BYTES:
            lighter[place], taken = _replaced(items[place], body)
            found += taken
            continue
        piece[place] = body
        if sum(map(len, piece.values())) > PIECE_BYTES:
            found.append(_as_piece(items, lighter, piece))
            piece = {}
    if piece:
        found.append(_as_piece(items, lighter, piece))
    return lighter, tuple(found)


def _as_piece(items: list[JsonValue], lighter: list[JsonValue], piece: Mapping[int, bytes]) -> LargeValue:
    body = b"[" + b",".join(piece.values()) + b"]"
    ref = REF_PREFIX + sha256(body).hexdigest()
    for number, (place, text) in enumerate(piece.items()):
        preview = _preview(items[place], text, ITEM_PREVIEW_CHARACTERS)
        lighter[place] = large_value(f"{ref}.{number}", preview, len(text))
    return LargeValue(ref, body)


def _preview(value: JsonValue, body: bytes, characters: int) -> str:
    text = value if isinstance(value, str) else body[: characters * 4].decode(errors="ignore")
    return text[:characters] + "…"


def _json(value: JsonValue) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def _is_surely_small(value: str | int | float | bool | None) -> bool:
    return not isinstance(value, str) or len(value) <= SURELY_SMALL


def _without_large_fields(value: JsonObject) -> tuple[JsonObject, tuple[LargeValue, ...]]:
    lighter, found = JsonObject(), list[LargeValue]()
    for name, item in value.items():
        body = _json(item)
        if len(body) <= PREVIEW_BYTES:
            lighter[name] = item
            continue
        lighter[name], taken = _replaced(item, body)
        found += taken
    return lighter, tuple(found)


def _replaced(value: JsonValue, body: bytes) -> tuple[JsonValue, tuple[LargeValue, ...]]:
    if len(body) > MAX_VALUE_BYTES:
        raise ValueTooLargeError(len(body))
    ref = REF_PREFIX + sha256(body).hexdigest()
    preview = _preview(value, body, PREVIEW_CHARACTERS)
    return large_value(ref, preview, len(body)), (LargeValue(ref, body),)
