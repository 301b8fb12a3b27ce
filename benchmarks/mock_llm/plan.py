"""What the mock model is told to do: scripted answers and faults, matched by the text of the prompt."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Mode = Literal["step", "stream"]


class Fault(BaseModel):
    """How an answer goes wrong; several fields may be combined."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_byte_s: float = Field(default=0, ge=0, description="Wait before anything is sent.")
    status: int | None = Field(default=None, description="Answer with this status, as in 429, 500, 529.")
    retry_after_s: int | None = Field(default=None, description="Retry-After of a refused request.")
    cut_after_tokens: int | None = Field(default=None, description="Reset the connection inside this token.")
    double_token: int | None = Field(default=None, description="Send this token's chunk twice.")
    invalid_json: bool = False
    content_type: str | None = None
    body_bytes: int | None = Field(default=None, description="Pad the answer's text to this size.")


class PlannedCall(BaseModel):
    """A tool call that the model asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    arguments: dict[str, JsonValue] = {}


class Rule(BaseModel):
    """One scripted behaviour; the newest rule that matches a prompt wins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    match: str = Field(default="", description="Text that the prompt contains; empty matches all.")
    mode: Mode | None = Field(default=None, description="None: the server's own mode.")
    texts: list[str] = Field(default=[], description="Answers of one marker in order; the last repeats.")
    calls: list[PlannedCall] = Field(default=[], description="Tools it asks for, instead of any text.")
    tokens: int = Field(default=200, ge=1)
    tokens_per_s: float = Field(default=50, gt=0)
    fault: Fault | None = None
    fault_times: int | None = Field(default=None, description="How many requests it strikes; None: all.")


class Answer(BaseModel):
    """How one request is to be answered, decided before the first byte."""

    model_config = ConfigDict(frozen=True)

    rule: str
    tokens: list[str] | None = Field(default=None, description="None: timed tokens, made as they are sent.")
    count: int
    tokens_per_s: float | None = Field(default=None, description="None: all at once.")
    fault: Fault = Fault()
    calls: list[PlannedCall] = []
    marker: str = ""
