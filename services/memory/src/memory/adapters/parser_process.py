"""Reads documents in a process that is started for one document and can be killed."""

import asyncio
import sys
from typing import Final

import orjson
from pydantic import BaseModel

from flowloom_servicekit.processes import TooMuchOutputError, answered
from memory.domain.outline import Block, BlockKind, DocumentRefusedError, Outline, storable
from memory.domain.reading import ReadDocument

READ_SECONDS: Final = 90
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
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
        names = (storable(name), storable(media_type))
        command = (sys.executable, "-I", "-m", "memory.adapters.parsers", *names)
        try:
            code, output = await answered(
                command, content, env={}, limit_s=self._limit_s, most_bytes=MAX_ANSWER_BYTES
            )
        except TimeoutError as error:
            raise DocumentRefusedError(
                "too_slow", f"reading took longer than {self._limit_s:g} s and was stopped"
            ) from error
        except TooMuchOutputError as error:
            raise DocumentRefusedError(
                "too_long", "the document has more text than one document may have"
            ) from error
        if code != 0:
            raise DocumentRefusedError(
                "broken", "the document made its reader stop: it is damaged or hostile"
            )
        return orjson.loads(output)
