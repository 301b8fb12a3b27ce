"""Chooses the words that a search by words looks for, and how much each counts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# So many passages are looked at for one question, the rarest words first.
MAX_MATCHES: Final = 5_000
MAX_WORDS: Final = 24
MIN_WEIGHT: Final = 0.05


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Single-word queries in Postgres's form with their weights, and all of them joined by OR."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def any_of(self) -> str:
        """Return the query that any of the words satisfies."""
        return " | ".join(self.words)


def quoted(lexeme: str) -> str:
    """Return a lexeme as Postgres reads it in a query, whatever characters it has."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def tenant_query(workspace_id: str, collections: Sequence[str]) -> str:
    """Return the query that only passages of these collections satisfy."""
    return "(" + " | ".join(quoted(f"~{workspace_id}/{name}") for name in collections) + ")"


def weighed(matches: Mapping[str, int], passages: int) -> WordQuery | None:
    """Return the words worth looking for, by how many of the passages have them; None if there is none."""
    weights = {
        word: math.log(1 + (max(passages, count) - count + 0.5) / (count + 0.5))
        for word, count in matches.items()
        if count
    }
    rarest = sorted(weights, key=lambda word: (-weights[word], word))[:MAX_WORDS]
    kept: list[str] = []
    looked_at = 0
    for word in rarest:
        looked_at += matches[word]
        if kept and (looked_at > MAX_MATCHES or weights[word] < MIN_WEIGHT):
            break
        kept.append(word)
    if not kept:
        return None
    return WordQuery(tuple(quoted(word) for word in kept), tuple(weights[word] for word in kept))
