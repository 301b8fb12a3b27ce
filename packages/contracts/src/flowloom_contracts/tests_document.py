"""The tests that stand beside a workflow: inputs, what its steps answer, and what must come out."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, Tag, model_validator

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.step_fields import ErrorCode, Written, choice, require_one, says_one


class MockError(Written):
    """The error that a step ends with instead of being carried out."""

    code: ErrorCode
    message: str = "The test says so."


class MockUsage(Written):
    """What a mocked step is said to have used."""

    tokens: int = Field(default=0, ge=0)
    usd: float = Field(default=0, ge=0)


class Mock(Written):
    """What a step answers instead of being carried out."""

    model_config = says_one(("output", "error"), at_most_one=True)

    output: JsonValue = Field(default=None, description="Its output.")
    error: MockError | None = Field(default=None, description="The error it fails with.")
    usage: MockUsage = Field(default=MockUsage(), description="What it used; counts for budgets.")

    @model_validator(mode="after")
    def _answers_once(self) -> Self:
        require_one(self, ("output", "error"), at_most_one=True)
        return self


def _one_or_many(value: JsonValue) -> str:
    return "many" if isinstance(value, list) else "one"


Mocks: TypeAlias = Annotated[
    Annotated[Mock, Tag("<one>")]
    | Annotated[list[Mock], Field(min_length=1, max_length=10_000), Tag("<many>")],
    choice(_one_or_many),
]


class ExpectedError(Written):
    """The parts of an error that must be as written."""

    code: ErrorCode | None = None
    message: str | None = None
    step: str | None = Field(default=None, description="The path of the step it comes from.")


class ExpectedStep(Written):
    """The parts of a step that must be as written."""

    status: Literal["succeeded", "failed", "skipped", "cancelled", "waiting", "reused"] | None = None
    output: JsonValue = None
    error: ExpectedError | None = None
    attempts: int | None = Field(default=None, ge=0, description="How often it was tried.")
    recovered: bool | None = None


class Expect(Written):
    """What must come out; only what is written is compared."""

    status: Literal["succeeded", "failed", "cancelled", "waiting"] | None = None
    steps: dict[str, ExpectedStep] = Field(
        default={}, description="By path, as in `polish` or `polish[1].check`."
    )
    outputs: JsonObject | None = Field(default=None, description="By name; others are not compared.")
    error: ExpectedError | None = Field(default=None, description="The error of the run.")


class TestTrigger(Written):
    """The trigger that starts the run; its `inputs` are evaluated with what is written here."""

    __test__ = False  # not a test class of pytest's

    id: str = Field(description="Of a trigger of the workflow.")
    body: JsonValue = None
    headers: dict[str, str] = {}
    query: dict[str, JsonValue] = {}
    due_at: str | None = Field(default=None, description="Of a schedule.")
    name: str | None = Field(default=None, description="Of an event.")
    data: JsonValue = Field(default=None, description="Of an event.")
    at: str | None = Field(default=None, description="Of an event.")


class TestCase(Written):
    """One run of the workflow, offline, and what must come out."""

    __test__ = False  # not a test class of pytest's

    name: str = Field(min_length=1, max_length=200, description="Unique in the document.")
    inputs: JsonObject = Field(default={}, description="The inputs of the run.")
    trigger: TestTrigger | None = Field(default=None, description="Start by a trigger instead of inputs.")
    mocks: dict[str, Mocks] = Field(
        default={},
        description="What steps answer, by path without loop indexes."
        " A list: by loop index, then by attempt; the last repeats.",
    )
    now: str | None = Field(default=None, description="The time at which the run starts.")
    expect: Expect = Field(description="What must come out.")


class TestsDocument(Written):
    """The tests of one workflow."""

    __test__ = False  # not a test class of pytest's

    tests: list[TestCase] = Field(min_length=1, max_length=1_000)
