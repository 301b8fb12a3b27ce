"""What a document gives the agent under `with`: tables as values, which no model has typed."""

import json

from pydantic import BaseModel, ConfigDict, Field

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import MAX_COLLECTIONS, CollectionName


class Orders(BaseModel):
    """The tables of a step by the names under which its tools find them."""

    model_config = ConfigDict(extra="forbid")

    collections: list[CollectionName] = Field(
        default=[],
        max_length=MAX_COLLECTIONS,
        description="Whose tables may be asked; default: all that who started the run may read.",
    )
    tables: dict[str, str | list[JsonObject]] = Field(
        default={}, max_length=20, description="A list of objects, or the text of a CSV or JSON file."
    )

    @classmethod
    def of(cls, given: JsonObject) -> "Orders":
        """Return the orders of a step whose `with` has been checked before it began."""
        return cls.model_validate(given)

    def content(self, name: str) -> bytes | None:
        """Return a table as the bytes of a file."""
        value = self.tables.get(name)
        if value is None or isinstance(value, str):
            return None if value is None else value.encode()
        return json.dumps(value, ensure_ascii=False).encode()
