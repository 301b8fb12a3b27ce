"""What the orchestrator asks of the gateway over the sidecar; nobody else may."""

from typing import Final

from fastapi import APIRouter, Depends

from flowloom_contracts.automation import (
    FireTrigger,
    OpenedSecrets,
    OpenSecrets,
    ResolvedWorkflow,
    ResolveWorkflow,
    TriggerFired,
)
from flowloom_contracts.mcp import ResolvedMcpServer, ResolveMcpServer
from flowloom_contracts.rules import RuleSet, RulesQuery
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.usecases import firing, mcp_servers, rules, secrets, versions
from gateway.usecases.invalid_workflow import InvalidWorkflowError
from gateway.usecases.runs import Startable
from gateway.usecases.starting import VersionNotFoundError
from gateway.usecases.workflows import WorkflowNotFoundError
from gateway.vault_ports import SecretUnreadableError

router: Final = APIRouter(
    prefix="/internal",
    dependencies=[Depends(caller([AppId.ORCHESTRATOR]))],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
    include_in_schema=False,
)


@router.post(
    "/workflows/resolve",
    responses=problems(WorkflowNotFoundError, VersionNotFoundError, InvalidWorkflowError),
)
async def resolve_workflow(body: ResolveWorkflow, parts: PartsOf) -> ResolvedWorkflow:
    """Return the document behind `NAME[@VERSION]`."""
    return await versions.resolve_workflow(
        body,
        workflows=parts.workflows,
        versions=parts.versions,
        agents=parts.desk.agent_book,
        book=parts.desk.sharing,
    )


@router.post("/secrets/open", responses=problems(SecretUnreadableError))
async def open_secrets(body: OpenSecrets, parts: PartsOf) -> OpenedSecrets:
    """Return the values that a step needs now."""
    return await secrets.open_secrets(body, secrets=parts.secrets, vault=parts.vault, clock=parts.clock)


@router.post("/mcp/resolve", responses=problems(SecretUnreadableError))
async def resolve_mcp_server(body: ResolveMcpServer, parts: PartsOf) -> ResolvedMcpServer:
    """Return where an MCP server is, with its credential and the tools that are agreed to."""
    return await mcp_servers.resolve_server(body, book=parts.desk.mcp)


@router.post("/rules/list")
async def list_rules(body: RulesQuery, parts: PartsOf) -> RuleSet:
    """Return the rules of a workspace."""
    return await rules.read_rules(body.actor.workspace_id, rules=parts.rules)


@router.post("/triggers/fire")
async def fire_trigger(body: FireTrigger, parts: PartsOf) -> TriggerFired:
    """Start the run of a schedule's due time."""
    stores = Startable(parts.workflows, parts.versions, parts.desk.agent_book)
    fired = await firing.fire_trigger(body, stores=stores, runs=parts.runs)
    if fired.refused:
        await parts.desk.board.schedule_failed(body, fired.refused)
    return fired
