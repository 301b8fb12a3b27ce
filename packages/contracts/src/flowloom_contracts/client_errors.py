"""Errors of the page, as browsers report them."""

from typing import Annotated, Literal

from pydantic import Field

from flowloom_contracts.base import Request, Response


class ClientError(Request):
    """Body of `POST /v1/client-errors`; what looks like a secret is left out before it is written down."""

    kind: Literal["error", "rejection", "render", "network", "report"] = "error"
    message: str = Field(min_length=1, max_length=2_000)
    stack: str | None = Field(default=None, max_length=16_000)
    page: str | None = Field(default=None, max_length=500, description="Its path; a query is cut off.")
    release: str | None = Field(default=None, max_length=80)
    trace_id: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    commands: list[Annotated[str, Field(pattern=r"^[a-z_-]{1,40}$")]] = Field(
        default=[], max_length=20, description="Names of the last commands, without what they were done to."
    )
    count: int = Field(default=1, ge=1, le=10_000, description="How often it happened since the last report.")


class ClientErrorNoted(Response):
    """The number under which the report is found in the logs."""

    id: str
