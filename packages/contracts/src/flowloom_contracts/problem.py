"""Problem details (RFC 9457): how every failure of the public and the internal interface looks."""

from pydantic import Field

from flowloom_contracts.base import JsonValue, Response


class FieldProblem(Response):
    """One wrong field of a request."""

    path: str = Field(description="Where, as in `inputs.topic`; empty for the whole body.")
    code: str
    message: str


class Problem(Response):
    """An `application/problem+json` body; clients switch on `type`, never on text."""

    type: str = Field(description="Stable path such as `/problems/run-not-found`.")
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    trace_id: str = ""
    code: str | None = Field(default=None, description="Error code of the language where one applies.")
    errors: list[FieldProblem] | None = None
    problems: list[dict[str, JsonValue]] | None = Field(
        default=None, description="Problems of a document, where the request ran or published one."
    )
