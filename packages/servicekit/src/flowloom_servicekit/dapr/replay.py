"""What a workflow function may use: names that are safe to replay, nothing that touches the world."""

from dapr.ext.workflow import DaprWorkflowContext as WorkflowContext
from dapr.ext.workflow import RetryPolicy, TaskFailedError, when_all, when_any

__all__ = [
    "RetryPolicy",
    "TaskFailedError",
    "WorkflowContext",
    "count_from",
    "tasks_so_far",
    "when_all",
    "when_any",
]


def tasks_so_far(ctx: WorkflowContext) -> int:
    """Return the highest number that the engine has given to a task of this history; uses up one more."""
    return int(ctx.next_sequence_number())


def count_from(ctx: WorkflowContext, number: int) -> None:
    """Give the tasks of this history numbers above `number`, before it has any.

    The engine counts them from 1 again after `continue_as_new` and matches results by number alone: what an
    abandoned task of the old history still returns would complete another task of the new one.
    """
    while number > 0 and ctx.next_sequence_number() < number:
        continue
