"""What a document may give the qa agent under `with`."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flowloom_agentkit.tools import COLLECTION_PATTERN
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.files import RunFilePath

MOST_SCORE = 5.0


class Criterion(BaseModel):
    """Something to score from 0 to 5; `weight` says how much it counts beside the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100)
    weight: float = Field(default=1, gt=0, le=100)
    asks: str = Field(default="", max_length=500)


class Orders(BaseModel):
    """What is reviewed and how; every check that is named here is made, whatever the model does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: JsonValue = None
    file: RunFilePath | None = Field(
        default=None, description="Its newest version is the value: a text, or what a .json file says."
    )
    criteria: list[Criterion] = Field(default=[], max_length=20)
    pass_score: float = Field(default=3.5, ge=0, le=MOST_SCORE)
    shape: JsonObject | None = Field(default=None, alias="schema")
    conditions: list[str] = Field(default=[], alias="assert", max_length=50)
    sources: list[str] = Field(default=[], max_length=50)
    collections: list[Annotated[str, Field(pattern=COLLECTION_PATTERN)]] = Field(default=[], max_length=20)
    support: float = Field(default=0.55, ge=0, le=1, description="Similarity that a sentence needs.")
    golden: JsonValue = None
    similarity: float = Field(default=0.8, ge=0, le=1, description="Likeness to `golden` that is needed.")

    @model_validator(mode="after")
    def _reviews_one_thing(self) -> Self:
        if self.file is not None and self.value is not None:
            raise ValueError("give either `value` or `file`")
        return self

    @classmethod
    def of(cls, given: JsonObject) -> "Orders":
        """Return the orders of a step."""
        return cls.model_validate(given)
