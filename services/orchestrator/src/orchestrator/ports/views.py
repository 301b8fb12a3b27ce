"""Runs as people may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flowloom_contracts.runs import Actor, Run, RunListQuery
from flowloom_language.state import StepState
from orchestrator.domain.records import RunRecord


@dataclass(frozen=True)
class FrozenDocument:
    """A document as it was frozen with a run."""

    source: str
    hash: str


@dataclass(frozen=True)
class PlacedStep:
    """A step that has a row, and where it sorts in its run."""

    place: tuple[int, ...]
    state: StepState


@dataclass(frozen=True, slots=True)
class RunMark:
    """By what one can tell that nothing has changed about a run."""

    revision: int
    epoch: int


class RunViews(Protocol):
    """Runs as people may see them: who may see what is judged here and nowhere else."""

    async def get(self, actor: Actor, run_id: str) -> RunRecord | None:
        """Return a run of the asking workspace, if the person who asks may see it."""

    async def mark(self, actor: Actor, run_id: str) -> RunMark | None:
        """Return the mark of a run that the person who asks may see; it costs a fraction of the run."""

    async def page(self, query: RunListQuery) -> Sequence[Run]:
        """Return the runs that the asking person may see behind the cursor, an id, in the order asked for."""

    async def steps(
        self, run_id: str, *, inside: str, after: tuple[int, ...], limit: int
    ) -> Sequence[PlacedStep]:
        """Return steps that have begun, sorted by place; `inside` is how their paths begin."""

    async def source(self, run_id: str) -> FrozenDocument:
        """Return the document of a run."""
