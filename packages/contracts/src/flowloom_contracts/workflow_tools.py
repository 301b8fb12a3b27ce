"""Tools by which an agent starts runs of the workspace's workflows: `workflow/<name>`."""

import re
from typing import Final

WORKFLOW_PREFIX: Final = "workflow/"
_NAME: Final = re.compile(r"workflow/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")


def workflow_tool(workflow: str) -> str:
    """Return what documents call the tool that starts a workflow."""
    return f"{WORKFLOW_PREFIX}{workflow}"


def started_by(tool: str) -> str | None:
    """Return the name of the workflow that a tool starts, None for any other tool."""
    found = _NAME.fullmatch(tool)
    return None if found is None else found[1]
