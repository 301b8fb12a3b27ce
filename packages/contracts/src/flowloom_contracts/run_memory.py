"""What is remembered of runs that have ended: how they fail, how often, and what they next succeeded with."""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Request, Response

RUN_MEMORY: Final = "run-memory"
"""The collection of a workspace in which its failures are found."""

MOST_KNOWN: Final = 50

RemedyKind: TypeAlias = Literal["retry", "fork", "document", "again"]
"""What the next success did otherwise: a retry of the run, a fork of it, another document, or nothing."""


class WorkflowSight(Request):
    """Of which workflows a search may find what their runs have left; by default of none."""

    all_but: list[str] | None = Field(
        default=None, max_length=10_000, description="Of all but these; None: only of those in `only`."
    )
    only: list[str] = Field(default=[], max_length=20)


class Remedy(Response):
    """After how many of the failures something helped, and where it did last."""

    kind: RemedyKind = Field(
        description="`retry` of the run, `fork` of it, a changed `document`, or the same `again`."
    )
    runs: int = Field(description="How many of the failed runs.")
    last_run_id: str
    last_version: int | None = Field(default=None, description="None is the draft.")
    last_at: datetime


class KnownFailure(Response):
    """One way in which runs of a workflow fail; numbers, names and times do not tell messages apart."""

    workflow_id: str
    signature: str
    code: str
    message: str = Field(description="As it was the last time.")
    step: str | None = Field(default=None, description="A path; of loops without the number of the item.")
    seen: int
    first_seen: datetime
    last_seen: datetime
    last_run_id: str
    remedies: list[Remedy] = Field(description="What was followed by a success, the most frequent first.")


class KnownFailures(Response):
    """The known failures of a workflow, the newest first."""

    items: list[KnownFailure]


class FailuresQuery(Request):
    """Internal `memory/runs/failures`: those of one workflow, or of one run: none where nothing is known."""

    workspace_id: str = Field(min_length=1, max_length=100)
    workflow_id: str
    run_id: str | None = None
