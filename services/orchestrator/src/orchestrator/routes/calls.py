"""What agents tell of the calls they make."""

from fastapi import APIRouter, Depends

from flowloom_contracts.agents import (
    BeginCall,
    CallBegun,
    CallEnded,
    EndCall,
)
from flowloom_contracts.topics import AGENT_APP_IDS
from flowloom_servicekit.callers import caller
from orchestrator.dependencies import Parts
from orchestrator.routes.refusals import ALWAYS

calls = APIRouter(prefix="/internal/calls", dependencies=[Depends(caller(AGENT_APP_IDS))], responses=ALWAYS)


@calls.post("/begin")
async def begin_call(body: BeginCall, parts: Parts) -> CallBegun:
    """Announce a model or tool call."""
    return await parts.guard.begin(body)


@calls.post("/end")
async def end_call(body: EndCall, parts: Parts) -> CallEnded:
    """Keep the answer of a call."""
    return await parts.guard.end(body)
