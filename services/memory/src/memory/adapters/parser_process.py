"""Reads documents in a process that is started for one document and can be killed."""

import asyncio
import sys
from typing import Final

import orjson
from pydantic import BaseModel

from memory.domain.outline import Block, BlockKind, DocumentRefusedError, Outline, storable
from memory.domain.reading import ReadDocument

READ_SECONDS: Final = 90
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
PIECE: Final = 256 * 1024
TOGETHER: Final = 1


class _Refused(BaseModel):
    code: str
    message: str


class _Answer(BaseModel):
    refused: _Refused | None = None
    text: str = ""
    media_type: str = ""
    pages: int | None = None
    blocks: list[tuple[BlockKind, int, int, int | None, int]] = []


class ProcessReader:
    """The document reader of production; one document at a time, so that memory stays bounded."""

    def __init__(self, *, limit_s: float = READ_SECONDS) -> None:
        self._limit_s = limit_s
        self._slots = asyncio.Semaphore(TOGETHER)

    async def read(self, name: str, media_type: str, content: bytes) -> ReadDocument:
        """Return text and structure; raises `DocumentRefusedError` with the reason."""
        async with self._slots:
            answer = _Answer.model_validate(await self._run(name, media_type, content))
        if answer.refused is not None:
            raise DocumentRefusedError(answer.refused.code, answer.refused.message)
        blocks = tuple(Block(*block) for block in answer.blocks)
        return ReadDocument(Outline(answer.text, blocks, answer.pages), answer.media_type)

    async def _run(self, name: str, media_type: str, content: bytes) -> object:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", "memory.adapters.parsers", storable(name), storable(media_type),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={}, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._limit_s):
                _, output = await asyncio.gather(_feed(process, content), _collected(process))
                code = await process.wait()
        except TimeoutError as error:
            raise DocumentRefusedError(
                "too_slow", f"reading took longer than {self._limit_s:g} s and was stopped"
            ) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code != 0:
            raise DocumentRefusedError(
                "broken", "the document made its reader stop: it is damaged or hostile"
            )
        return orjson.loads(output)


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(content)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it died first; its exit code tells


async def _collected(process: asyncio.subprocess.Process) -> bytes:
    output = bytearray()
    while process.stdout is not None and (piece := await process.stdout.read(PIECE)):
        output += piece
        if len(output) > MAX_ANSWER_BYTES:
            raise DocumentRefusedError("too_long", "the document has more text than one document may have")
    return bytes(output)
