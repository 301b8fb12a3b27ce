"""A document after it was read."""

from dataclasses import dataclass

from memory.domain.outline import Outline


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """Text with structure, and the media type that the content turned out to have."""

    outline: Outline
    media_type: str
