"""Server-sent events from lines of text, as the HTML standard describes them (section 9.2.6)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerSentEvent:
    """One event; `id` is empty when the event carries none."""

    type: str
    data: str
    id: str


async def events_of(lines: AsyncIterator[str]) -> AsyncIterator[ServerSentEvent]:
    """Yield the events of a stream; comments, which are heartbeats, are passed over."""
    fields: dict[str, str] = {}
    data: list[str] = []
    async for line in lines:
        if not line:
            if data:
                yield ServerSentEvent(fields.get("event", "message"), "\n".join(data), fields.get("id", ""))
            fields, data = {}, []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name:
            fields[name] = value
