"""Which workflows of the list are wanted, and in which order."""

from typing import Annotated

from fastapi import Depends, Query

from flowloom_contracts.api import WorkflowFilter, WorkflowOrder, WorkflowState
from flowloom_contracts.runs import LABEL_PATTERN

WorkflowCursor = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before, in the same order.")
]


async def wanted_workflows(
    *,
    text: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="In the name or the title.")
    ] = None,
    label: Annotated[str | None, Query(pattern=LABEL_PATTERN, description="`name=value`.")] = None,
    state: Annotated[
        list[WorkflowState] | None,
        Query(max_length=3, description="May be repeated; `invalid` is a draft with problems."),
    ] = None,
    order: Annotated[WorkflowOrder, Query(description="`edited`: the last saved first.")] = "newest",
) -> WorkflowFilter:
    """Return what the query string asks for."""
    return WorkflowFilter(text=text, label=label, states=state or [], order=order)


WantedWorkflows = Annotated[WorkflowFilter, Depends(wanted_workflows)]
