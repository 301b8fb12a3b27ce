"""What a document may give the research agent under `with`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowloom_agentkit.tools import COLLECTION_PATTERN
from flowloom_contracts.base import JsonObject


class Orders(BaseModel):
    """Where to look, and how strict to be with quotes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    citations: Literal["mark", "fail"] = Field(
        default="mark", description="Strike what is not in its source and say so, or refuse the answer."
    )
    collections: list[Annotated[str, Field(pattern=COLLECTION_PATTERN)]] = Field(default=[], max_length=20)
    sites: list[str] = Field(
        default=[], max_length=50, description="Hosts whose pages may be read beside those named; `*`: all."
    )
    pages: list[str] = Field(default=[], max_length=50, description="Addresses that may be read.")

    @classmethod
    def of(cls, given: JsonObject) -> "Orders":
        """Return the orders of a step."""
        return cls.model_validate(given)
