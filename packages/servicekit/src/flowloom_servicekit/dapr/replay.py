"""What a workflow function may use: names that are safe to replay, nothing that touches the world."""

from dapr.ext.workflow import DaprWorkflowContext as WorkflowContext
from dapr.ext.workflow import RetryPolicy, TaskFailedError, when_all, when_any

__all__ = ["RetryPolicy", "TaskFailedError", "WorkflowContext", "when_all", "when_any"]
