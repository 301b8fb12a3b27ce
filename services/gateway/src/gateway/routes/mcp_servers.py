"""MCP servers of a workspace, and the tools of them that workflows may call."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.mcp import McpCheck, McpServer, McpServerList, SaveMcpServer
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    UpstreamError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, McpManager, McpReader
from gateway.usecases import mcp_servers as usecases

router: Final = APIRouter(
    prefix="/v1/mcp-servers",
    tags=["mcp-servers"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.McpServerNotFoundError)


@router.get("")
async def list_mcp_servers(principal: McpReader, parts: PartsOf) -> McpServerList:
    """List the servers with the tools that workflows may call."""
    return await usecases.list_servers(principal, book=parts.desk.mcp)


@router.post(
    "",
    status_code=201,
    responses=problems(
        usecases.McpServerNameTakenError,
        usecases.TooManyMcpServersError,
        usecases.McpToolNotAsShownError,
        UpstreamError,
    ),
)
async def create_mcp_server(
    body: SaveMcpServer, response: Response, principal: McpManager, parts: PartsOf
) -> McpServer:
    """Add a server; documents name its tools as `mcp/<server>.<tool>`."""
    made = await usecases.create_server(body, principal, book=parts.desk.mcp)
    response.headers["etag"] = made.etag
    return made


@router.post("/check", responses=problems(usecases.McpServerNameTakenError, UpstreamError))
async def try_mcp_server(body: SaveMcpServer, principal: McpManager, parts: PartsOf) -> McpCheck:
    """Connect to a server and list its tools before it is saved."""
    return await usecases.try_server(body, principal, book=parts.desk.mcp)


@router.get("/{server_id}", responses=ONE)
async def get_mcp_server(
    server_id: str, response: Response, principal: McpReader, parts: PartsOf
) -> McpServer:
    """Return a server of the workspace."""
    found = await usecases.read_server(server_id, principal, book=parts.desk.mcp)
    response.headers["etag"] = found.etag
    return found


@router.put(
    "/{server_id}",
    responses=problems(
        usecases.McpServerNotFoundError,
        usecases.McpServerNameTakenError,
        usecases.McpToolNotAsShownError,
        usecases.StaleMcpServerError,
        usecases.McpIfMatchRequiredError,
        UpstreamError,
    ),
)
async def replace_mcp_server(
    *,
    server_id: str,
    body: SaveMcpServer,
    response: Response,
    principal: McpManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> McpServer:
    """Replace a server; calls that begin a second from now go by what it is then."""
    saved = await usecases.replace_server(server_id, body, principal, if_match=if_match, book=parts.desk.mcp)
    response.headers["etag"] = saved.etag
    return saved


@router.delete("/{server_id}", status_code=204, responses=ONE)
async def delete_mcp_server(server_id: str, principal: McpManager, parts: PartsOf) -> None:
    """Delete a server; its secret stays in the vault."""
    await usecases.delete_server(server_id, principal, book=parts.desk.mcp)


@router.post("/{server_id}/check", responses=problems(usecases.McpServerNotFoundError, UpstreamError))
async def check_mcp_server(server_id: str, principal: McpManager, parts: PartsOf) -> McpCheck:
    """Connect to a server and say which of its tools are as they were agreed to."""
    return await usecases.check_server(server_id, principal, book=parts.desk.mcp)
