"""An embedder that needs no model: texts with the same words are near."""

import hashlib
import math
import re
from collections.abc import Sequence

from flowloom_contracts.memory import EMBEDDING_DIMENSIONS
from memory.domain.texts import DEFAULT_MODEL, Embedding


class WordEmbedder:
    """Counts words into hashed places; a token is a word."""

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        self.model = model
        self.dimensions = EMBEDDING_DIMENSIONS

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(_words(text)) for text in texts]

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Return a unit vector for each text."""
        return [_embedded(text) for text in texts]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _embedded(text: str) -> Embedding:
    places = [0.0] * EMBEDDING_DIMENSIONS
    for word in _words(text) or [""]:
        digest = hashlib.sha256(word.encode()).digest()
        places[int.from_bytes(digest[:4]) % EMBEDDING_DIMENSIONS] += 1.0
    length = math.hypot(*places)
    return tuple(place / length for place in places)
