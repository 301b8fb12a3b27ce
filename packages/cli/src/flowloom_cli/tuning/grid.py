"""Which indexes and scans are compared, and which of the measured ones is worth having."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["vector", "halfvec"]
IterativeScan: TypeAlias = Literal["off", "relaxed_order", "strict_order"]

EF_SEARCH: Final = (40, 100, 200, 400)
ITERATIVE: Final[tuple[IterativeScan, ...]] = ("off", "relaxed_order", "strict_order")


@dataclass(frozen=True, slots=True, order=True)
class Index:
    """An HNSW index as pgvector builds it; `halfvec` keeps numbers of 16 bits."""

    kind: Kind
    m: int
    ef_construction: int

    def __str__(self) -> str:
        return f"{self.kind} m={self.m} ef_construction={self.ef_construction}"


@dataclass(frozen=True, slots=True)
class Scan:
    """How an index is searched; an iterative scan goes on when a filter has hidden what it found."""

    ef_search: int
    iterative: IterativeScan


TODAYS_INDEX: Final = Index("vector", 16, 64)
TODAYS_SCAN: Final = Scan(100, "relaxed_order")
"""What the memory service asks for at least; more where more hits are wanted."""

FEW: Final = (
    *(TODAYS_INDEX, Index("vector", 8, 64), Index("vector", 16, 128), Index("vector", 32, 128)),
    *(Index("halfvec", 16, 64), Index("halfvec", 32, 128)),
)
KINDS: Final[tuple[Kind, ...]] = ("vector", "halfvec")
MANY: Final = tuple(Index(*one) for one in product(KINDS, (8, 16, 32), (64, 128, 256)))
SCANS: Final = tuple(Scan(*one) for one in product(EF_SEARCH, ITERATIVE))


@dataclass(frozen=True, slots=True)
class Measured:
    """One index and scan: recall and full answers as shares, times in milliseconds, size in bytes."""

    index: Index
    scan: Scan
    build_s: float
    size_bytes: int
    recall: float
    full_answers: float
    p50_ms: float
    p95_ms: float

    @property
    def is_todays(self) -> bool:
        """Whether this is what the memory service uses now."""
        return (self.index, self.scan) == (TODAYS_INDEX, TODAYS_SCAN)

    def flat(self) -> dict[str, object]:
        """Return it as one row for JSON."""
        fields = asdict(self)
        return {**fields.pop("index"), **fields.pop("scan"), **fields, "is_todays": self.is_todays}


def worth_having(measured: Iterable[Measured]) -> list[Measured]:
    """Return those that no other beats both in recall and in time, fastest first."""
    kept = list[Measured]()
    for one in sorted(measured, key=lambda one: (one.p95_ms, -one.recall)):
        if not kept or one.recall > kept[-1].recall:
            kept.append(one)
    return kept


def best(measured: Sequence[Measured], *, recall: float) -> Measured:
    """Return the fastest with enough recall and full answers; without one, the one that finds most."""
    enough = [one for one in measured if one.recall >= recall and one.full_answers >= recall]
    if enough:
        return min(enough, key=lambda one: (one.p95_ms, one.size_bytes))
    return max(measured, key=lambda one: (one.recall, -one.p95_ms))
