"""Which runs a person may see and command: their own private ones, others as far as they are shared."""

from flowloom_contracts.approvals import Approval
from flowloom_contracts.runs import Actor, Reach
from flowloom_servicekit.errors import ForbiddenError
from orchestrator.domain.deciding import may_decide
from orchestrator.domain.records import RunOrigin, RunRecord


class WorkflowNotSharedError(ForbiddenError):
    """Somebody may see a workflow and its runs, and not do this with it."""

    title = "The workflow is not shared so far"


def sees(actor: Actor, workflow_id: str, origin: RunOrigin) -> bool:
    """Whether somebody may see a run; what runs above it are closed to them closes it too."""
    if not all(actor.reaches(one, "view") for one in (workflow_id, *origin.under)):
        return False
    return not origin.is_private or _is_own(actor, origin)


def sees_item(actor: Actor, item: Approval, origin: RunOrigin) -> bool:
    """Whether somebody may see what a run asks; a private run shows it to those whom it asks."""
    if not all(actor.reaches(one, "view") for one in (item.workflow_id, *origin.under)):
        return False
    return not origin.is_private or _is_own(actor, origin) or may_decide(item.to, actor)


def check_reach(actor: Actor, workflow_id: str, least: Reach = "run") -> None:
    """Raise WorkflowNotSharedError when a workflow is not shared so far with somebody who may see it."""
    if not actor.reaches(workflow_id, least):
        raise WorkflowNotSharedError(f"The workflow is not shared with you to {least}; ask who may edit it.")


def without_limits(actor: Actor) -> Actor:
    """Return who started a run as it is kept: what they may do is asked for again when it matters."""
    return actor.model_copy(update={"limits": {}})


def under(record: RunRecord) -> list[str]:
    """Return the workflows that stand above what a run starts."""
    return list(dict.fromkeys((*record.origin.under, record.workflow.id)))


def _is_own(actor: Actor, origin: RunOrigin) -> bool:
    owner = origin.actor.user_id if origin.actor else None
    return actor.user_id is None or actor.user_id == owner
