"""Which sentences of a text its sources support: by meaning, and by the numbers and names they have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flowloom_agentkit.reach import Knowledge
from flowloom_contracts.base import JsonObject

MOST_SENTENCES: Final = 40
MOST_PIECES: Final = 400
PIECE_CHARS: Final = 500
BATCH: Final = 100
SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[^\s\da-z])|\n+")
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
NAME: Final = re.compile(r"\b[A-ZÄÖÜ][\w-]+(?:\s+[A-ZÄÖÜ][\w-]+)+|\b[A-ZÄÖÜ]{2,}[\w-]*\b")
SURE: Final = 0.85
"""So near in meaning that a missing name is only another way to write it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, the nearest piece of a source, and what the sources lack of it."""

    sentence: str
    nearest: str
    similarity: float
    missing: tuple[str, ...]
    is_supported: bool

    def told(self) -> JsonObject:
        """Return it as the model is told."""
        return {
            "sentence": self.sentence[:500],
            "supported": self.is_supported,
            "similarity": round(self.similarity, 3),
            "missing": list(self.missing),
            "nearest": self.nearest[:300],
        }


def sentences_of(text: str) -> list[str]:
    """Return the sentences that claim something; headings without words are none."""
    found = (" ".join(part.split()).lstrip("-*#> ") for part in SENTENCE_END.split(text))
    return [part for part in found if len(re.findall(r"\w+", part)) > 1]


def pieces_of(sources: Sequence[str]) -> list[str]:
    """Return sources in pieces of some sentences, as they are compared."""
    pieces: list[str] = []
    for source in sources:
        held = ""
        for sentence in sentences_of(source):
            if held and len(held) + len(sentence) > PIECE_CHARS:
                pieces.append(held)
                held = ""
            held = f"{held} {sentence}".strip()[: 4 * PIECE_CHARS]
        pieces += [held] if held else []
    return pieces[:MOST_PIECES]


async def claims_of(
    text: str, sources: Sequence[str], *, collections: Sequence[str], knowledge: Knowledge, support: float
) -> list[Claim]:
    """Return each sentence of a text with what the sources and collections say to it."""
    sentences = sentences_of(text)[:MOST_SENTENCES]
    found = list(sources)
    if collections:
        for sentence in sentences:
            hits = await knowledge.search(sentence, collections=collections, top=3)
            found += [hit.text for hit in hits if hit.text not in found]
    pieces = pieces_of(found)
    nearest = await _nearest(sentences, pieces, knowledge)
    everything = " ".join(" ".join(found).split())
    return [
        _claim(sentence, near, similarity, everything=everything, support=support)
        for sentence, (near, similarity) in zip(sentences, nearest, strict=True)
    ]


async def _nearest(
    sentences: Sequence[str], pieces: Sequence[str], knowledge: Knowledge
) -> list[tuple[str, float]]:
    best = [("", 0.0)] * len(sentences)
    for start in range(0, len(pieces), BATCH):
        batch = pieces[start : start + BATCH]
        for place, near in enumerate(await knowledge.compare(sentences, batch)):
            if near.similarity > best[place][1]:
                best[place] = (batch[near.other], near.similarity)
    return best


def _claim(sentence: str, near: str, similarity: float, *, everything: str, support: float) -> Claim:
    lower, numbers = everything.casefold(), {_plain(number) for number in NUMBER.findall(everything)}
    missing = [number for number in NUMBER.findall(sentence) if _plain(number) not in numbers]
    is_sure = similarity >= SURE
    missing += [name for name in NAME.findall(sentence) if not is_sure and name.casefold() not in lower]
    return Claim(sentence, near, similarity, tuple(missing), similarity >= support and not missing)


def _plain(number: str) -> str:
    """Return a number without the marks that languages set differently: 1,500.00 and 1.500,00 are alike."""
    return re.sub(r"[.,]0+$", "", number).replace(".", "").replace(",", "")
