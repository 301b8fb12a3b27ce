"""Forks: a new run from any step of an old one, with something changed."""

from typing import Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from flowloom_contracts.base import Flag, JsonObject, JsonValue, Request, Response
from flowloom_contracts.runs import Actor, Run


class StepOverride(Request):
    """What is different about a step in a fork."""

    prompt: str | None = None
    model: str | None = None
    output: JsonValue = None

    @property
    def has_output(self) -> bool:
        """Whether an output is written; `null` is one too."""
        return "output" in self.model_fields_set

    @model_serializer(mode="wrap")
    def _as_written(self, dump: SerializerFunctionWrapHandler) -> JsonObject:
        written: JsonObject = dump(self)
        if not self.has_output:
            written.pop("output", None)
        return written


class ForkBody(Request):
    """Body of `POST /v1/runs/{id}/fork`."""

    from_step: str
    inputs: JsonObject | None = Field(default=None, description="Default: the old run's.")
    overrides: dict[str, StepOverride] = {}
    dry_run: Flag = False


class ForkReport(Response):
    """What a fork would do."""

    reused: list[str]
    rerun: list[str]
    effects: list[str] = Field(description="Steps among `rerun` whose effect outside happens again.")
    tokens_saved: int


class ForkRun(Request):
    """Internal `runs/fork`; the source is the frozen document of the old run unless one is given."""

    actor: Actor
    run_id: str
    body: ForkBody
    source: str | None = None
    version: int | Literal["draft"] | None = None
    idempotency_key: str | None = Field(default=None, max_length=255)
    request_hash: str = ""


class ForkAnswer(Response):
    """The new run, or only the report of a dry run."""

    run: Run | None = None
    report: ForkReport
