"""The `code` step: Python in a sandbox."""

import keyword
from typing import Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import ANYTHING, Card
from flowloom_contracts.step_fields import StepFields, Written

MAX_SOURCE = 64 * 1024


def _check_name(name: str) -> str:
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name) or len(name) > 63:
        raise PydanticCustomError(
            "bad_name", "{name} cannot name a value in Python.", {"name": repr(name)[:70]}
        )
    return name


PythonName: TypeAlias = Annotated[
    str,
    AfterValidator(_check_name),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,62}$"}),
]


class Code(Written):
    """A program and the values it sees."""

    source: str = Field(min_length=1, max_length=MAX_SOURCE, description="Python; never a template.")
    arguments: dict[PythonName, JsonValue] = Field(
        default={}, max_length=100, alias="with", description="The names that the source sees."
    )


class CodeStep(StepFields):
    """Run Python in a sandbox; its output is the value of the last expression."""

    CARD: ClassVar[Card] = Card(
        title="Code",
        icon="code",
        category="data",
        synonyms=("python", "script", "function", "program", "compute"),
        example={"code": {"source": "len(text)", "with": {"text": "${inputs.text}"}}},
        output=ANYTHING,
        size="large",
        widgets={"code.source": "code", "code.with": "mapping"},
    )

    code: Code = Field(title="Code", description="The program.")
