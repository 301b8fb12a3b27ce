"""A run as one document, to keep or to hand over."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from flowloom_contracts.base import Response
from flowloom_contracts.runs import Run, StepRun


class RunRecordExport(Response):
    """What `runs/record` answers: the run, its steps and where its events and large values are read."""

    format: Literal["flowloom/run-record/v1"] = "flowloom/run-record/v1"
    exported_at: datetime
    run: Run
    steps: list[StepRun]
    source: str = Field(description="The frozen document, byte for byte.")
    document_hash: str = Field(description="SHA-256 of the document.")
    event_pages: list[str] = Field(
        description="Paths of the pages of events, in order, as `/v1/runs/{id}/events?after=0&limit=5000`."
    )
    values: list[str] = Field(default=[], description="Paths of the values too large for this document.")
    trace_url: str | None = Field(
        default=None, description="Where the run's trace is shown, if the operator collects traces."
    )
