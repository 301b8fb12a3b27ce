"""Requests that no client library would send, byte by byte, and what came back."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

LIMIT_S: Final = 5.0
MOST: Final = 1_000_000


@dataclass(frozen=True)
class Reply:
    """Everything a server said before it closed or fell silent."""

    data: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """The status of each answer, in order: more than one means that one request was read as two."""
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", self.data)]


async def exchange(host: str, port: int, *pieces: bytes, limit_s: float = LIMIT_S) -> Reply:
    """Send pieces as they are and read until the server closes or is silent for `limit_s` seconds."""
    reader, writer = await asyncio.open_connection(host, port)
    data, closed = b"", False
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        while len(data) < MOST:
            part = await asyncio.wait_for(reader.read(65_536), limit_s)
            if not part:
                closed = True
                break
            data += part
    except TimeoutError:
        pass
    except (ConnectionResetError, BrokenPipeError):
        closed = True
    finally:
        writer.close()
    return Reply(data, closed)
