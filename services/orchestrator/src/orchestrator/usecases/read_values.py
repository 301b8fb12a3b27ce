"""What people read of large values: whole ones, or parts of those that do not fit into one answer."""

from typing import Final

import orjson

from flowloom_contracts.values import StoredValue, ValuePart, ValuePartQuery, ValueQuery
from flowloom_language.large_values import base_of
from flowloom_servicekit.errors import ConflictError, NotFoundError
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.ports.values import ValueStore
from orchestrator.ports.views import RunViews

MAX_ANSWER_BYTES: Final = 12 * 1024 * 1024
"""An answer passes two sidecars, which take 16 MiB."""


class ValueNotFoundError(NotFoundError):
    """The run has no such value."""

    title = "Value not found"


class ValueInPartsError(ConflictError):
    """The value is too large for one answer; it is read in parts."""

    title = "The value has to be read in parts"


async def read_value(query: ValueQuery, *, views: RunViews, values: ValueStore) -> StoredValue:
    """Return a value; raises `RunNotFoundError`, `ValueNotFoundError` and `ValueInPartsError`."""
    size = await _size(query, views=views, values=values)
    if size > MAX_ANSWER_BYTES:
        raise ValueInPartsError(f"The value has {size:,} bytes; one answer takes {MAX_ANSWER_BYTES:,}.")
    body = await _body(query, values)
    return StoredValue(ref=query.ref, size=size, value=orjson.loads(body or b"null"))


async def read_part(query: ValuePartQuery, *, views: RunViews, values: ValueStore) -> ValuePart:
    """Return a part of a value's JSON, cut between characters; the parts in a row are the whole."""
    size = await _size(query, views=views, values=values)
    limit = min(query.limit, MAX_ANSWER_BYTES // 3)
    body = await _slice(query, values, limit=limit)
    end = query.offset + len(body)
    while end < size and body and body[-1] & 0xC0 == 0x80:
        body, end = body[:-1], end - 1
    if end < size and body and body[-1] >= 0xC0:
        body, end = body[:-1], end - 1
    text = body.decode()
    return ValuePart(ref=query.ref, size=size, text=text, next_offset=end if end < size else None)


async def _size(query: ValueQuery | ValuePartQuery, *, views: RunViews, values: ValueStore) -> int:
    if await views.get(query.actor, query.run_id) is None:
        raise RunNotFoundError(f"There is no run {query.run_id!r}.")
    is_in_piece = base_of(query.ref)[1] is not None
    item = await _body(query, values) if is_in_piece else None
    size = len(item) if item is not None else await values.size(query.run_id, query.ref)
    if size is None:
        raise ValueNotFoundError(f"The run has no value {query.ref!r}.")
    return size


async def _slice(query: ValuePartQuery, values: ValueStore, *, limit: int) -> bytes:
    if base_of(query.ref)[1] is None:
        return await values.part(query.run_id, query.ref, offset=query.offset, limit=limit) or b""
    whole = await _body(query, values) or b""
    return whole[query.offset : query.offset + limit]


async def _body(query: ValueQuery | ValuePartQuery, values: ValueStore) -> bytes | None:
    """Return the JSON of a value; of one that stands in a piece of a list, only its own."""
    base, place = base_of(query.ref)
    body = await values.load(query.run_id, base)
    if body is None or place is None:
        return body
    piece = orjson.loads(body)
    return orjson.dumps(piece[place]) if isinstance(piece, list) and place < len(piece) else None
