"""The field types and common fields that every step of a workflow shares."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from flowloom_contracts.base import JsonValue, Request
from flowloom_contracts.cards import Card
from flowloom_contracts.durations import parse_duration

if TYPE_CHECKING:
    from flowloom_contracts.workflow import Step

ID_PATTERN: Final = "^[a-z][a-z0-9_]{0,62}$"
"""Form of the ids of steps, loop variables and outputs."""

ERROR_CODES: Final = (
    "timeout",
    "rate_limit",
    "upstream",
    "auth",
    "invalid_input",
    "invalid_output",
    "expression",
    "code_error",
    "budget",
    "cancelled",
    "loop_limit",
    "denied",
    "uncertain",
    "stopped",
    "storage_unavailable",
    "internal",
)
"""Codes a step can fail with, beside HTTP statuses."""


class Written(Request):
    """A part of a document as a person writes it: nothing is coerced, a typo is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, serialize_by_alias=True)


def holds_template(value: JsonValue) -> bool:
    """Whether a written value is text with an expression in it."""
    return isinstance(value, str) and "${" in value


def choice(of: Callable[[JsonValue], str]) -> Discriminator:
    """Return a discriminator whose tags cannot be mistaken for a field in the place of an error."""
    return Discriminator(lambda value: f"<{of(value)}>")


def _value_or_template(value: JsonValue) -> str:
    return "template" if holds_template(value) else "value"


def _check_duration(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError as error:
        raise PydanticCustomError("bad_duration", "{reason}", {"reason": str(error)}) from error
    return text


def _check_code(code: str) -> str:
    if code not in ERROR_CODES and not (len(code) == 3 and code[0] in "45" and _is_status(code[1:])):
        raise PydanticCustomError(
            "unknown_code", "{code} is not an error code.", {"code": code, "known": list(ERROR_CODES)}
        )
    return code


def _is_status(rest: str) -> bool:
    return rest == "xx" or (rest.isascii() and rest.isdigit())


TemplateText: TypeAlias = Annotated[str, Field(pattern=r"\$\{"), Tag("<template>")]
Duration: TypeAlias = Annotated[
    str,
    AfterValidator(_check_duration),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d)|P[0-9WDTHMS.]+)$",
            "examples": ["500ms", "10s", "5m", "2h", "3d", "PT30M"],
        }
    ),
]
ErrorCode: TypeAlias = Annotated[str, AfterValidator(_check_code)]
TemplatedInt: TypeAlias = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000), Tag("<value>")] | TemplateText, choice(_value_or_template)
]
TemplatedDuration: TypeAlias = Annotated[
    Annotated[Duration, Tag("<value>")] | TemplateText, choice(_value_or_template)
]
TemplatedTemperature: TypeAlias = Annotated[
    Annotated[float, Field(ge=0, le=2), Tag("<value>")] | TemplateText, choice(_value_or_template)
]
TemplatedAmount: TypeAlias = Annotated[
    Annotated[float, Field(gt=0, le=1_000_000), Tag("<value>")] | TemplateText, choice(_value_or_template)
]
TemplatedTokens: TypeAlias = Annotated[
    Annotated[int, Field(ge=1, le=10**12), Tag("<value>")] | TemplateText, choice(_value_or_template)
]
TemplatedMapping: TypeAlias = Annotated[
    Annotated[dict[str, JsonValue], Field(max_length=500), Tag("<value>")] | TemplateText,
    choice(_value_or_template),
]
Condition: TypeAlias = Annotated[
    str, Field(description="One `${…}` whose value is true or false.", max_length=1_100)
]


def _one_or_many(value: JsonValue) -> str:
    return "many" if isinstance(value, list) else "one"


Texts: TypeAlias = Annotated[
    Annotated[str, Tag("<one>")] | Annotated[list[str], Field(min_length=1, max_length=100), Tag("<many>")],
    choice(_one_or_many),
]
Conditions: TypeAlias = Annotated[
    Annotated[Condition, Tag("<one>")]
    | Annotated[list[Condition], Field(min_length=1, max_length=100), Tag("<many>")],
    choice(_one_or_many),
]


class Retry(Written):
    """How often and how patiently a failed attempt is repeated."""

    max: int = Field(default=3, ge=0, le=100, description="Retries after the first attempt; 0 switches off.")
    first: Duration = Field(default="1s", description="Wait before the first retry.")
    factor: float = Field(default=2, ge=1, le=100, description="How much longer each next wait is.")
    cap: Duration = Field(default="60s", description="The longest wait.")
    jitter: bool = Field(default=True, description="Spread the waits, so that retries do not come together.")
    on: list[ErrorCode] = Field(
        default=["timeout", "rate_limit", "upstream"], description="The codes that are worth another attempt."
    )


def require_one(model: "Written", names: tuple[str, ...], *, at_most_one: bool = False) -> None:
    """Refuse a part in which none of these fields is written, or several where only one may be."""
    aliases = {name: type(model).model_fields[name].alias or name for name in names}
    found = [aliases[name] for name in names if name in model.model_fields_set]
    known = ", ".join(aliases.values())
    if not found:
        raise PydanticCustomError("none_of", "One of {known} is missing.", {"known": known})
    if at_most_one and len(found) > 1:
        raise PydanticCustomError(
            "too_many_of",
            "Only one of {known} can be written; here are {found}.",
            {"known": known, "found": " and ".join(found), "second": found[1]},
        )


def says_one(names: tuple[str, ...], *, at_most_one: bool = False) -> ConfigDict:
    """Return the configuration that tells editors what `require_one` refuses."""
    alternatives: list[JsonValue] = [{"required": [name]} for name in names]
    return ConfigDict(json_schema_extra={"oneOf" if at_most_one else "anyOf": alternatives})


class Budget(Written):
    """What a step may use, all of its attempts together."""

    model_config = says_one(("tokens", "usd", "seconds"))

    tokens: TemplatedTokens | None = Field(default=None, description="Of all its model calls.")
    usd: TemplatedAmount | None = Field(default=None, description="What its model calls may cost.")
    seconds: TemplatedAmount | None = Field(default=None, description="How long it may work.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        require_one(self, ("tokens", "usd", "seconds"))
        return self


class Checks(Written):
    """Deterministic checks of an answer; one that fails asks the model again with the reason."""

    min_chars: TemplatedInt | None = Field(default=None, description="The answer's least length.")
    max_chars: TemplatedInt | None = Field(default=None, description="The answer's greatest length.")
    contains: Texts | None = Field(default=None, description="Texts that must appear.")
    not_contains: Texts | None = Field(default=None, description="Texts that must not appear.")
    matches: Texts | None = Field(default=None, description="RE2 patterns that must be found.")
    expr: Conditions | None = Field(
        default=None, description="Conditions that must hold; `output` is the answer."
    )


ChecksField: TypeAlias = Annotated[
    Annotated[Checks, Tag("<one>")] | Annotated[list[Checks], Field(max_length=50), Tag("<many>")],
    choice(_one_or_many),
]


class Memory(Written):
    """What a step reads from memory before it asks, and where its answer is kept."""

    read: list[str] = Field(default=[], max_length=20, description="Collections to search with the prompt.")
    top: TemplatedInt = Field(default=3, description="How many notes to read.")
    write: str | None = Field(default=None, min_length=1, description="Collection that keeps the answer.")


Effect: TypeAlias = Literal["none", "idempotent", "once"]
"""What a repeated call would do: nothing more, the same again, or a second effect."""


class OnError(Written):
    """What happens with an error that is left after the retries; every part is optional."""

    on: list[ErrorCode] | None = Field(
        default=None, min_length=1, description="The codes it is for. Default: every code but cancelled."
    )
    do: dict[str, "Step"] = Field(
        default={}, description="Steps that run then, with `error {code, message, step}` in scope."
    )
    output: JsonValue = Field(default=None, description="The output the step then has.")


def _continue_or_more(value: JsonValue) -> str:
    return "continue" if isinstance(value, str) else "more"


OnErrorField: TypeAlias = Annotated[
    Annotated[Literal["continue"], Tag("<continue>")] | Annotated[OnError, Tag("<more>")],
    choice(_continue_or_more),
]


class StepFields(Written):
    """Fields that stand beside every kind."""

    CARD: ClassVar[Card]

    title: str | None = Field(default=None, max_length=200, description="Shown on the canvas.")
    description: str | None = Field(default=None, max_length=5_000, description="Shown on the canvas.")
    needs: list[str] = Field(default=[], description="Steps that come first, without passing data.")
    join: Literal["all", "any"] = Field(
        default="all", description="Run when all edges are on, or when at least one is."
    )
    condition: Condition | None = Field(
        default=None, alias="if", description="Evaluated when the step would run; false skips it."
    )
    retry: Retry | None = Field(default=None, description="Default: `defaults.retry`, else no retries.")
    timeout: TemplatedDuration | None = Field(default=None, description="Of one attempt.")
    on_error: OnErrorField | None = Field(
        default=None, description="`continue`, or what happens with an error that is left after the retries."
    )
    budget: Budget | None = Field(default=None, description="What all attempts together may use.")
    effect: Effect | None = Field(default=None, description="What a repeated call would do.")
    idempotency_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=2_000,
        description="What outside systems recognise a repeated call by. Default: run, path and loop index.",
    )
    undo: "Step | None" = Field(
        default=None,
        description="A step that takes this one back when the run fails or is cancelled.",
    )
