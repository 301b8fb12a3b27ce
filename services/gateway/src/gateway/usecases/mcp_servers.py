"""MCP servers of a workspace: saved with the tools that somebody has agreed to, checked, and resolved."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from pydantic import SecretStr

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import (
    McpCheck,
    McpEndpoint,
    McpProgramShown,
    McpProgramTool,
    McpServer,
    McpServerList,
    McpTool,
    McpToolSeen,
    ResolvedMcpServer,
    ResolveMcpServer,
    SaveMcpServer,
    SaveMcpTool,
)
from flowloom_contracts.mcp_programs import McpProgram
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from flowloom_servicekit.ids import is_id, new_id
from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.targets import Origin, target
from gateway.domain.etags import etag_of, matches
from gateway.domain.principals import Principal
from gateway.mcp_ports import McpCalls, McpServerStore, StoredMcpServer
from gateway.vault_ports import SecretStore, Vault

MOST: Final = 50
FRAMING: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "accept", "cookie"}
    | {"mcp-session-id", "mcp-protocol-version", "last-event-id", "idempotency-key"}
)
"""Headers that carry the protocol itself, and no credential."""


class McpServerNotFoundError(NotFoundError):
    """There is no such MCP server in this workspace."""

    title = "MCP server not found"


class McpServerNameTakenError(ConflictError):
    """Another MCP server of the workspace has this name."""

    title = "The name is in use"


class TooManyMcpServersError(ConflictError):
    """The workspace has as many MCP servers as it may."""

    title = "Too many MCP servers"


class McpToolNotAsShownError(ConflictError):
    """A tool cannot be agreed to, because the server does not describe it so, or not at all."""

    title = "The tool is not as it was shown"


class StaleMcpServerError(PreconditionFailedError):
    """Somebody else saved meanwhile."""

    title = "The MCP server has changed meanwhile"


class McpIfMatchRequiredError(PreconditionRequiredError):
    """A save must say which state it replaces."""


@dataclass(frozen=True, slots=True)
class McpBook:
    """The MCP servers of all workspaces, and what is needed to ask one."""

    servers: McpServerStore
    secrets: SecretStore
    vault: Vault
    calls: McpCalls
    plain: Collection[Origin]
    """The operator's own origins, which alone may be called without https."""
    clock: Clock
    programs: Sequence[McpProgram] = ()
    """The servers of the operator's file, which nobody else can add, change or see into."""

    def of_operator(self, workspace_id: str) -> list[McpProgram]:
        """Return the programs that a workspace may call."""
        return [one for one in self.programs if one.is_for(workspace_id)]


async def list_servers(principal: Principal, *, book: McpBook) -> McpServerList:
    """Return the servers by name, and those of the operator."""
    items = [_shown(one) for one in await book.servers.all(principal.workspace_id)]
    programs = [_shown_program(one) for one in book.of_operator(principal.workspace_id)]
    return McpServerList(items=items, programs=programs)


async def read_server(server_id: str, principal: Principal, *, book: McpBook) -> McpServer:
    """Return one server of the workspace."""
    return _shown(await _found(server_id, principal, book))


async def create_server(request: SaveMcpServer, principal: Principal, *, book: McpBook) -> McpServer:
    """Store a server under a new name."""
    await _check(request, principal.workspace_id, book)
    if len(await book.servers.all(principal.workspace_id)) >= MOST:
        raise TooManyMcpServersError(f"A workspace has at most {MOST} MCP servers; delete one first.")
    tools = await _agreed(request, (), principal.workspace_id, book)
    stored = StoredMcpServer(new_id(), request, tools, 1, book.clock.now())
    if await book.servers.put(principal.workspace_id, stored, over=None) == "name_taken":
        _taken(request)
    return _shown(stored)


async def replace_server(
    server_id: str, request: SaveMcpServer, principal: Principal, *, if_match: str | None, book: McpBook
) -> McpServer:
    """Store a server over the one that was read; at another address every tool is looked at again."""
    if if_match is None:
        raise McpIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    await _check(request, principal.workspace_id, book)
    before = await _found(server_id, principal, book)
    if not matches(if_match, etag_of(before.revision)):
        raise StaleMcpServerError("Read it again and repeat the change.")
    known = before.tools if request.url == before.spec.url else ()
    tools = await _agreed(request, known, principal.workspace_id, book)
    stored = replace(
        before, spec=request, tools=tools, revision=before.revision + 1, updated_at=book.clock.now()
    )
    outcome = await book.servers.put(principal.workspace_id, stored, over=before.revision)
    if outcome == "name_taken":
        _taken(request)
    if outcome == "stale":
        raise StaleMcpServerError("Read it again and repeat the change.")
    return _shown(stored)


async def delete_server(server_id: str, principal: Principal, *, book: McpBook) -> None:
    """Delete a server; steps that name its tools fail from now on."""
    if not is_id(server_id) or not await book.servers.delete(principal.workspace_id, server_id):
        raise McpServerNotFoundError(f"No MCP server {server_id[:80]!r} here.")


async def check_server(server_id: str, principal: Principal, *, book: McpBook) -> McpCheck:
    """Connect to a stored server and compare its tools with those that are agreed to."""
    stored = await _found(server_id, principal, book)
    agreed = {tool.name: tool.digest for tool in stored.tools}
    return await _checked(stored.spec, agreed, principal.workspace_id, book)


async def try_server(request: SaveMcpServer, principal: Principal, *, book: McpBook) -> McpCheck:
    """Connect to a server before it is saved."""
    await _check(request, principal.workspace_id, book)
    agreed = {tool.name: tool.digest for tool in request.tools}
    return await _checked(request, agreed, principal.workspace_id, book)


async def resolve_server(request: ResolveMcpServer, *, book: McpBook) -> ResolvedMcpServer:
    """Return the endpoint behind a name, with its credential and the tools that are agreed to."""
    if not is_id(request.workspace_id):
        return ResolvedMcpServer()
    stored = await book.servers.of_name(request.workspace_id, request.name)
    if stored is None:
        return ResolvedMcpServer()
    endpoint = await _endpoint(stored.spec, request.workspace_id, book, tools=stored.tools)
    return ResolvedMcpServer(endpoint=endpoint.with_headers())


async def _found(server_id: str, principal: Principal, book: McpBook) -> StoredMcpServer:
    stored = await book.servers.get(principal.workspace_id, server_id) if is_id(server_id) else None
    if stored is None:
        raise McpServerNotFoundError(f"No MCP server {server_id[:80]!r} here.")
    return stored


async def _check(request: SaveMcpServer, workspace_id: str, book: McpBook) -> None:
    if any(one.name == request.name for one in book.of_operator(workspace_id)):
        raise McpServerNameTakenError(f"{request.name!r} is a server of the operator; choose another name.")
    try:
        where = target(request.url)
    except AddressRefusedError as error:
        raise _wrong("url", error.detail) from error
    if "?" in request.url or "#" in request.url:
        raise _wrong("url", "Only scheme, host, port and path; a credential goes into a secret.")
    if where.origin.scheme != "https" and where.origin not in book.plain:
        raise _wrong("url", "Write an https:// address: what is sent must not be read or changed on its way.")
    if request.credential is not None:
        if request.credential.header.lower() in FRAMING:
            raise _wrong("credential.header", "This header carries the protocol; use another.")
        if request.credential.secret not in await book.secrets.names(workspace_id):
            raise _wrong("credential.secret", "There is no such secret; save it first.")
    names = [tool.name for tool in request.tools]
    if len(set(names)) != len(names):
        raise _wrong("tools", "A tool is written twice; remove one of them.")


async def _agreed(
    request: SaveMcpServer, known: Iterable[McpTool], workspace_id: str, book: McpBook
) -> tuple[McpTool, ...]:
    """Return the tools with what they were shown as; only what is new needs the server's word for it."""
    shown: dict[tuple[str, str], McpTool | McpToolSeen] = {(one.name, one.digest): one for one in known}
    if any((tool.name, tool.digest) not in shown for tool in request.tools):
        seen = await _checked(request, {}, workspace_id, book)
        if not seen.ok:
            raise McpToolNotAsShownError(f"The server cannot be asked for its tools: {seen.message}")
        shown |= {(one.name, one.digest): one for one in seen.tools}
    return tuple(_agreed_tool(tool, shown.get((tool.name, tool.digest))) for tool in request.tools)


def _agreed_tool(wanted: SaveMcpTool, shown: McpTool | McpToolSeen | None) -> McpTool:
    if shown is None:
        raise McpToolNotAsShownError(
            f"The server does not offer {wanted.name!r} with the digest {wanted.digest[:12]}…: check the "
            "server again, read what it says now, and send the digest you then see."
        )
    return McpTool(
        name=wanted.name,
        digest=wanted.digest,
        effect=wanted.effect,
        description=shown.description,
        input_schema=shown.input_schema,
    )


async def _checked(
    spec: SaveMcpServer, agreed: Mapping[str, str], workspace_id: str, book: McpBook
) -> McpCheck:
    endpoint = await _endpoint(spec, workspace_id, book)
    found = await book.calls.check(workspace_id, endpoint.with_headers())
    if not found.ok:
        return found
    tools = [_judged(tool, agreed) for tool in found.tools]
    offered = {tool.name for tool in tools}
    gone = [
        McpToolSeen(
            name=name, digest=digest, description="", input_schema={}, suggested_effect="once", state="gone"
        )
        for name, digest in agreed.items()
        if name not in offered
    ]
    return found.model_copy(update={"tools": [*tools, *gone]})


def _judged(tool: McpToolSeen, agreed: Mapping[str, str]) -> McpToolSeen:
    digest = agreed.get(tool.name)
    state = "new" if digest is None else "agreed" if digest == tool.digest else "changed"
    return tool.model_copy(update={"state": state})


async def _endpoint(
    spec: SaveMcpServer, workspace_id: str, book: McpBook, *, tools: Iterable[McpTool] = ()
) -> McpEndpoint:
    headers: dict[str, SecretStr] = {}
    missing = None
    if spec.credential is not None:
        named = spec.credential
        rows = await book.secrets.use(workspace_id, [named.secret], now=book.clock.now())
        missing = None if rows else named.secret
        for row in rows:
            value = book.vault.open(row.place, row.sealed)
            headers[named.header] = SecretStr(f"{named.scheme} {value}".strip())
    return McpEndpoint(
        name=spec.name,
        url=spec.url,
        headers=headers,
        missing_secret=missing,
        calls_per_minute=spec.calls_per_minute,
        timeout_s=spec.timeout_s,
        tools=[tool.model_dump(mode="json") for tool in tools],
    )


def _shown(stored: StoredMcpServer) -> McpServer:
    spec = stored.spec
    credential: JsonObject | None = spec.credential.model_dump(mode="json") if spec.credential else None
    return McpServer(
        id=stored.id,
        name=spec.name,
        url=spec.url,
        credential=credential,
        tools=list(stored.tools),
        calls_per_minute=spec.calls_per_minute,
        timeout_s=spec.timeout_s,
        etag=etag_of(stored.revision),
        updated_at=stored.updated_at,
    )


def _shown_program(program: McpProgram) -> McpProgramShown:
    """Return what a workspace may know: neither the command nor anything that it is given."""
    return McpProgramShown(
        name=program.name,
        tools=[McpProgramTool(name=tool.name, effect=tool.effect) for tool in program.tools],
        calls_per_minute=program.calls_per_minute,
        timeout_s=program.timeout_s,
    )


def _taken(request: SaveMcpServer) -> NoReturn:
    raise McpServerNameTakenError(f"The name {request.name!r} is in use.")


def _wrong(field: str, message: str) -> InvalidRequestError:
    wrong = FieldProblem(path=field, code="invalid_value", message=message)
    return InvalidRequestError(f"{field!r} is not acceptable.", errors=[wrong])
