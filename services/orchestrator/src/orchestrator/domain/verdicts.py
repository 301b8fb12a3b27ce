"""What a decision about a stored run gives: an answer, and perhaps a change."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from orchestrator.domain.records import StoredChange

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict(Generic[T]):
    """`answer` holds once `change`, if there is one, is committed."""

    answer: T
    change: StoredChange | None = None
