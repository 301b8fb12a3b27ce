"""The audit log of a workspace: who did what, in a chain that shows what was changed or left out."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from flowloom_contracts.base import Event, JsonObject, Response


class AuditAction(StrEnum):
    """What is written down; names are never changed, because old entries have them."""

    SESSION_OPENED = "session.opened"
    SESSION_REFUSED = "session.refused"
    SESSION_CLOSED = "session.closed"
    SESSION_REVOKED = "session.revoked"
    PASSWORD_CHANGED = "password.changed"
    PASSWORD_RESET_ASKED = "password.reset-asked"
    SECOND_FACTOR_CHANGED = "second-factor.changed"
    IDENTITY_LINKED = "identity.linked"
    PROVIDER_CHANGED = "provider.changed"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    WORKSPACE_CREATED = "workspace.created"
    SETTINGS_CHANGED = "settings.changed"
    MEMBER_INVITED = "member.invited"
    INVITATION_REVOKED = "invitation.revoked"
    MEMBER_ADDED = "member.added"
    MEMBER_ROLE_CHANGED = "member.role-changed"
    MEMBER_REMOVED = "member.removed"
    ROLE_CREATED = "role.created"
    ROLE_CHANGED = "role.changed"
    ROLE_DELETED = "role.deleted"
    KEY_CREATED = "api-key.created"
    KEY_ROTATED = "api-key.rotated"
    KEY_REVOKED = "api-key.revoked"
    CLIENT_CREATED = "client.created"
    CLIENT_ROTATED = "client.rotated"
    CLIENT_REVOKED = "client.revoked"
    SHARES_CHANGED = "shares.changed"
    SECRET_SAVED = "secret.saved"
    SECRET_DELETED = "secret.deleted"
    WEBHOOK_SECRET_MADE = "webhook.secret-made"
    ENDPOINT_CHANGED = "endpoint.changed"
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"
    RULES_CHANGED = "rules.changed"
    BUDGETS_CHANGED = "budgets.changed"
    MODEL_CHANGED = "model.changed"
    MODEL_DELETED = "model.deleted"
    AGENT_SAVED = "agent.saved"
    AGENT_DELETED = "agent.deleted"
    COLLECTION_CREATED = "collection.created"
    COLLECTION_CHANGED = "collection.changed"
    COLLECTION_DELETED = "collection.deleted"
    DOCUMENTS_DELETED = "documents.deleted"
    DOCUMENT_QUARANTINED = "document.quarantined"
    DOCUMENT_RELEASED = "document.released"
    MEMORY_CORRECTED = "memory.corrected"
    MEMORIES_FORGOTTEN = "memories.forgotten"
    MCP_SERVER_CHANGED = "mcp-server.changed"
    MCP_SERVER_DELETED = "mcp-server.deleted"
    WORKFLOW_PUBLISHED = "workflow.published"
    WORKFLOW_DELETED = "workflow.deleted"
    APPROVAL_DECIDED = "approval.decided"
    RUN_CANCELLED = "run.cancelled"
    RUN_KILLED = "run.killed"
    RUN_PAUSED = "run.paused"
    RUN_RESUMED = "run.resumed"
    RUN_RETRIED = "run.retried"
    AUDIT_EXPORTED = "audit.exported"


class AuditActor(Response):
    """Who did it; `nobody` is somebody who has not shown who they are."""

    kind: Literal["user", "api_key", "client", "service", "nobody"]
    id: str | None = None
    email: str | None = None


class AuditTarget(Response):
    """What it was done to."""

    kind: str = Field(max_length=40)
    id: str = Field(max_length=200)
    name: str | None = None


AuditOutcome = Literal["done", "refused"]


class AuditEntry(Response):
    """One entry; `hash` covers it, its number and the `previous` hash."""

    n: int = Field(description="Counts from 1 without gaps in each workspace.")
    at: datetime
    action: str
    outcome: AuditOutcome
    actor: AuditActor
    target: AuditTarget | None = None
    details: JsonObject = {}
    trace_id: str | None = None
    previous: str
    hash: str


class AuditPage(Response):
    """A page of entries, newest first."""

    items: list[AuditEntry]
    next_cursor: str | None = None


class AuditEvent(Event):
    """Topic `audit-events`: what another service has to have written down; the same id is one entry."""

    event_id: str
    workspace_id: str
    at: datetime
    action: AuditAction
    outcome: AuditOutcome = "done"
    actor: AuditActor
    target: AuditTarget | None = None
    details: JsonObject = {}
