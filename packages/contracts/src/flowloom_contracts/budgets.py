"""Budgets of workspaces: what may be used in a day or a month, by whom, and what follows when it is."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Document, Request, Response
from flowloom_contracts.document_parts import CheaperModel
from flowloom_contracts.runs import Actor

BudgetScope: TypeAlias = Literal["workspace", "workflow", "member", "api_key"]
BudgetPeriod: TypeAlias = Literal["day", "month"]


class WorkspaceBudget(Document):
    """A cap that is judged before every call it counts; days and months are those of UTC."""

    scope: BudgetScope = Field(description="Whose calls count: all, or those of one of the kind.")
    target: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f-]{36}$",
        description="Id of the workflow, the member or the API key; none for the workspace.",
    )
    period: BudgetPeriod
    tokens: int | None = Field(default=None, ge=1, le=10**15)
    usd_micro: int | None = Field(default=None, ge=1, le=10**15, description="Millionths of a dollar.")
    on_reach: Literal["ask", "fail"] | CheaperModel = Field(
        default="ask", description="Ask a person, fail the step, or go on with a cheaper model."
    )


class SaveBudgets(Request):
    """Body of `PUT /v1/budgets`: replace the workspace's budgets."""

    items: list[WorkspaceBudget] = Field(max_length=200)


class BudgetState(Response):
    """A budget with what is used of it in the present period."""

    budget: WorkspaceBudget
    used_tokens: int
    used_usd_micro: int
    reserved_tokens: int = Field(description="Held by calls in progress, which may give some back.")
    reserved_usd_micro: int
    tokens_limit: int | None = Field(description="What holds now: people may have raised it.")
    usd_micro_limit: int | None
    model: str | None = Field(description="The cheaper model that its calls use until the reset.")
    resets_at: datetime


class BudgetList(Response):
    """The budgets of a workspace in their order; `etag` changes with every change of a budget."""

    items: list[BudgetState]
    etag: str = ""
    revision: int = 0
    updated_at: datetime | None = None


class BudgetsQuery(Request):
    """Internal `budgets/list`."""

    actor: Actor


class ReplaceBudgets(Request):
    """Internal `budgets/replace`: over the budgets of `revision` and no others."""

    actor: Actor
    items: list[WorkspaceBudget] = Field(max_length=200)
    revision: int = Field(ge=0)
