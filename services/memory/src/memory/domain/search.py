"""What a search asks for, what it finds, and how two rankings become one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import PassageKind
from flowloom_servicekit.errors import UpstreamError

Key: TypeAlias = tuple[str, int]
"""A passage: the id of its document and its position there."""

# The constant of Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet" (SIGIR 2009).
RRF_K: Final = 60
DAY_S: Final = 86_400


class GenerationGoneError(UpstreamError):
    """The vectors that were to answer have just been replaced; asked again, the new ones do."""

    title = "The search has to be repeated"


class RerankFailedError(UpstreamError):
    """The re-ranking model has given no scores; what was found keeps its order."""

    title = "The re-ranking model did not answer"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a document must be to be searched at all."""

    metadata: JsonObject = field(default_factory=dict)
    document_ids: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    open_workflows: tuple[str, ...] = ()
    """What their runs have left is looked at."""
    closed_workflows: tuple[str, ...] | None = None
    """What runs of these have left is not; None: of none but the open ones."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a role may look, settled before anything is compared, and whose vectors answer."""

    workspace_id: str
    collections: tuple[str, ...]
    generation: int
    model: str
    reranked: tuple[str, ...] = ()
    """Collections whose passages a re-ranking model may see."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the index; `depth` is how many passages are wanted, of each document `per_document`."""

    scope: Scope
    depth: int
    per_document: int
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage with all that an answer says of it."""

    key: Key
    workspace_id: str
    collection: str
    name: str
    text: str
    kind: PassageKind
    headings: tuple[str, ...]
    page_from: int | None
    page_to: int | None
    start: int
    end: int
    metadata: JsonObject
    created_at: datetime
    similarity: float | None


def fused(rankings: Sequence[Sequence[Key]]) -> dict[Key, float]:
    """Return the keys of all rankings, best first, with the sum of their reciprocal ranks."""
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (RRF_K + rank)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def reordered(order: Sequence[Key], judged: Mapping[Key, float]) -> list[Key]:
    """Return an order in which those that were judged have changed places among each other, the best first.

    All others keep theirs: nothing is known of how they compare.
    """
    best_first = iter(sorted(judged, key=lambda key: -judged[key]))
    return [next(best_first) if key in judged else key for key in order]


def freshness(created_at: datetime, now: datetime, half_days: float) -> float:
    """Return the weight of an age: 1 when new, 0.75 after `half_days`, never below 0.5."""
    age_days = max((now - created_at).total_seconds(), 0) / DAY_S
    return 0.5 + 0.5 * math.pow(0.5, age_days / half_days)


def best(scores: Mapping[Key, float], *, top: int, per_document: int) -> list[Key]:
    """Return at most `top` keys, of each document no more than its share."""
    taken: dict[str, int] = {}
    kept: list[Key] = []
    for key in sorted(scores, key=lambda key: (-scores[key], key)):
        if taken.get(key[0], 0) < per_document and len(kept) < top:
            taken[key[0]] = taken.get(key[0], 0) + 1
            kept.append(key)
    return kept
