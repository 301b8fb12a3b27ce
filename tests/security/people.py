"""A gateway over fakes with people of two workspaces, and everything of the first that has an id."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from flowloom_contracts.api import User, Workspace
from flowloom_contracts.memory import RunOrigin
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.ports import Account
from gateway.testing.gateway import PUBLIC_URL, FakeGateway
from gateway.testing.triggered import hook_path, published

PASSWORD = "a long enough password"
MCP_SERVER = {"name": "crm", "url": "https://crm.example/mcp"}
MODEL = {"name": "large", "base_url": "https://models.example/v1", "model": "big", "api_key": "a-key"}
AGENT = {"kind": "qa", "role": "Critic", "goal": "a secret of this workspace"}
ENDPOINT = {"url": "https://hooks.example/in", "events": ["run_failed"]}
KEPT = RunOrigin(run_id=new_id(), step="remember", agent="research")
REF = "sha256:" + "0" * 64


@dataclass(slots=True)
class People:
    """Signs people in."""

    gateway: FakeGateway
    stack: AsyncExitStack

    async def stranger(self) -> httpx.AsyncClient:
        """Return a client without credentials."""
        transport = httpx.ASGITransport(app=self.gateway.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)
        return await self.stack.enter_async_context(client)

    async def member(self, role: Role, workspace_id: str | None = None) -> httpx.AsyncClient:
        """Return a client of a person with a role, in a workspace of their own if none is given."""
        email = f"{new_id()}@example.org"
        home = workspace_id or new_id()
        account = Account(
            user=User(id=new_id(), email=email),
            workspace=Workspace(id=home, name=email),
            role=role,
            password_hash=await self.gateway.passwords.hash(PASSWORD),
        )
        self.gateway.accounts.add_member(account)
        client = await self.stranger()
        answer = await client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client


@asynccontextmanager
async def people() -> AsyncIterator[People]:
    """Open a gateway."""
    gateway = FakeGateway()
    async with gateway.app.router.lifespan_context(gateway.app), AsyncExitStack() as stack:
        yield People(gateway, stack)


async def belongings(gateway: FakeGateway, owner: httpx.AsyncClient) -> dict[str, str]:
    """Make one of everything in a workspace; returns ids by the names that paths give them."""
    me = (await owner.get("/v1/me")).json()
    workspace_id = me["workspace"]["id"]
    workflow_id = await published(owner)
    await gateway.relay()
    run = await owner.post(f"/v1/workflows/{workflow_id}/runs", json={"inputs": {}})
    hook_id = (await hook_path(owner, "hook")).rpartition("/")[2]
    delivery = await owner.post(f"/hooks/{hook_id}", json={"topic": "t"})
    key = await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["runs:read"]})
    client = await owner.post("/v1/api-clients", json={"name": "c", "scopes": ["runs:read"]})
    await owner.put("/v1/secrets/token", json={"value": "s"})
    await owner.post("/v1/invitations", json={"email": "x@example.org", "role": "viewer"})
    await owner.put("/v1/agents/token", json=AGENT)
    model = await owner.post("/v1/models", json=MODEL)
    server = await owner.post("/v1/mcp-servers", json=MCP_SERVER)
    role = await owner.post("/v1/roles", json={"name": "helper", "permissions": ["runs:read"]})
    endpoint = await owner.post("/v1/webhook-endpoints", json=ENDPOINT)
    await owner.post("/v1/collections", json={"name": "token"})
    sent = {"file": ("a.txt", b"a secret of this workspace")}
    document = await owner.post("/v1/documents", data={"collection": "token"}, files=sent)
    agent = {"target": {"kind": "agent", "agent": "research"}}
    cases = {"name": "a secret dataset", "cases": [{"name": "a"}]}
    dataset = await owner.post("/v1/datasets", json=cases)
    dataset_id = dataset.json()["id"]
    asked = {"dataset_id": dataset_id, "workflow_id": workflow_id}
    evaluation = await owner.post("/v1/evaluations", json=asked)
    conversation = await owner.post("/v1/conversations", json=agent)
    talk = f"/v1/conversations/{conversation.json()['id']}/messages"
    turn = await owner.post(talk, json={"text": "a secret of this person"})
    gateway.control.contents["reports/secret.md"] = [b"a secret of this workspace"]
    invitations = (await owner.get("/v1/invitations")).json()
    return {
        "workspace_id": workspace_id,
        "user_id": me["user"]["id"],
        "workflow_id": workflow_id,
        "run_id": run.json()["id"],
        "key_id": key.json()["id"],
        "client_id": client.json()["id"],
        "approval_id": gateway.approvals.put(workspace_id).id,
        "schedule_id": (await owner.get("/v1/schedules")).json()["items"][0]["id"],
        "webhook_id": hook_id,
        "delivery_id": delivery.json()["delivery_id"],
        "invitation_id": invitations["items"][0]["id"],
        "session_id": (await owner.get("/v1/sessions")).json()["items"][0]["id"],
        "model_id": model.json()["id"],
        "server_id": server.json()["id"],
        "endpoint_id": endpoint.json()["endpoint"]["id"],
        "document_id": document.json()["id"],
        "memory_id": gateway.desk.knowledge.keep(workspace_id, "a secret of this workspace", KEPT).id,
        "conversation_id": conversation.json()["id"],
        "dataset_id": dataset_id,
        "evaluation_id": evaluation.json()["id"],
        "message_id": turn.json()["answer"]["id"],
        "name": "token",
        "role_id": role.json()["id"],
        "version": "1",
        "ref": REF,
        "path": "reports/secret.md",
    }
