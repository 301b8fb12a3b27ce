"""Workspace rules: conditions over what a run is about to do, and what follows when one holds."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Document, Flag, Request, Response
from flowloom_contracts.runs import Actor

RuleEffect: TypeAlias = Literal["deny", "require_approval", "limit"]


class RuleLimit(Document):
    """What `limit` allows, per run or per day of the workspace."""

    tokens: int | None = Field(default=None, ge=1)
    usd: float | None = Field(default=None, gt=0)
    runs: int | None = Field(
        default=None, ge=1, description="Runs in progress at once (`run`) or started (`day`)."
    )
    per: Literal["run", "day"] = "run"


class Rule(Document):
    """`{when, effect}`: `when` sees `workflow`, `step`, `agent`, `model`, `tool` and `cost`.

    `workflow` is `{id, name, version, labels}`; `step` is `{path, kind, effect}` or null while a run starts;
    `agent`, `model` and `tool` are names or null; `cost` is `{tokens, usd}` of the run so far.
    """

    name: str = Field(min_length=1, max_length=80, description="Named in every refusal.")
    when: str = Field(min_length=1, max_length=1_100, description="One `${…}` or a bare condition.")
    effect: RuleEffect
    limit: RuleLimit | None = None
    to: list[str] = Field(default=[], max_length=20, description="Who approves: `role:admin`, `user:…`.")
    message: str | None = Field(
        default=None, max_length=500, description="Why, for the person who is refused."
    )
    enabled: Flag = True


class RuleSet(Response):
    """The rules of a workspace in their order; `etag` changes with every change."""

    items: list[Rule]
    etag: str = ""
    updated_at: datetime | None = None


class SaveRules(Request):
    """`PUT /v1/rules`: replace the workspace's rules."""

    items: list[Rule] = Field(max_length=200)


class RulesQuery(Request):
    """Internal `rules/list`."""

    actor: Actor
