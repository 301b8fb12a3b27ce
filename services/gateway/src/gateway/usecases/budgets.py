"""The budgets of a workspace: shown with their use, replaced as one document."""

from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_contracts.budgets import BudgetList, BudgetsQuery, ReplaceBudgets, SaveBudgets, WorkspaceBudget
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    InvalidRequestError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from gateway.audit_ports import AuditLog
from gateway.budget_ports import Budgets
from gateway.domain.acting import acting
from gateway.domain.audit import Deed
from gateway.domain.etags import etag_of, matches
from gateway.domain.principals import Principal


class BudgetsIfMatchRequiredError(PreconditionRequiredError):
    """A save must say which budgets it replaces."""


class StaleBudgetsError(PreconditionFailedError):
    """Somebody saved budgets since they were read."""

    title = "The budgets have changed"


async def read_budgets(principal: Principal, *, budgets: Budgets) -> BudgetList:
    """Return the budgets in their order."""
    return _tagged(await budgets.list(BudgetsQuery(actor=principal.actor)))


async def save_budgets(
    body: SaveBudgets,
    principal: Principal,
    *,
    if_match: str | None,
    budgets: Budgets,
    audit: AuditLog,
    clock: Clock,
) -> BudgetList:
    """Replace the budgets that were seen; what was used so far goes on counting."""
    if if_match is None:
        raise BudgetsIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    _check(body.items)
    known = await budgets.list(BudgetsQuery(actor=principal.actor))
    if not matches(if_match, etag_of(known.revision)):
        raise StaleBudgetsError("Read them again and save over that.")
    saved = await budgets.replace(
        ReplaceBudgets(actor=principal.actor, items=body.items, revision=known.revision)
    )
    deed = Deed(
        workspace_id=principal.workspace_id,
        action=AuditAction.BUDGETS_CHANGED,
        actor=acting(),
        at=clock.now(),
        target=AuditTarget(kind="budgets", id=principal.workspace_id),
        details={"revision": saved.revision, "count": len(saved.items)},
    )
    await audit.add(deed, source=f"budgets:{principal.workspace_id}:{saved.revision}")
    return _tagged(saved)


def _tagged(found: BudgetList) -> BudgetList:
    return found.model_copy(update={"etag": etag_of(found.revision)})


def _check(items: list[WorkspaceBudget]) -> None:
    wrong = [problem for number, budget in enumerate(items) for problem in _problems(budget, number)]
    seen = [(budget.scope, budget.target, budget.period) for budget in items]
    wrong += [
        FieldProblem(
            path=f"items.{number}", code="invalid_value", message="Another budget counts the same calls."
        )
        for number, same in enumerate(seen)
        if same in seen[:number]
    ]
    if wrong:
        raise InvalidRequestError("Some budgets cannot be judged.", errors=wrong)


def _problems(budget: WorkspaceBudget, number: int) -> list[FieldProblem]:
    found: list[FieldProblem] = []
    if (budget.scope == "workspace") != (budget.target is None):
        message = "The workspace has no `target`; the other scopes have one."
        found.append(FieldProblem(path=f"items.{number}.target", code="invalid_value", message=message))
    if budget.tokens is None and budget.usd_micro is None:
        message = "A budget says `tokens`, `usd_micro` or both."
        found.append(FieldProblem(path=f"items.{number}", code="missing_field", message=message))
    return found
