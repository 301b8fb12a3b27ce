"""S69: every route that changes something is written down, or it is said here why not."""

import re
from pathlib import Path
from typing import Final

import pytest

from flowloom_contracts.audit import AuditAction
from gateway.permission_table import SIDECAR, SOCKET, described_app, inventory

ROOT: Final = Path(__file__).parents[2]
CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
A: Final = AuditAction
WRITTEN_DOWN: Final = {
    "PUT /v1/agents/{name}": A.AGENT_SAVED,
    "DELETE /v1/agents/{name}": A.AGENT_DELETED,
    "POST /v1/api-clients": A.CLIENT_CREATED,
    "DELETE /v1/api-clients/{client_id}": A.CLIENT_REVOKED,
    "POST /v1/api-clients/{client_id}/rotate": A.CLIENT_ROTATED,
    "POST /v1/api-keys": A.KEY_CREATED,
    "DELETE /v1/api-keys/{key_id}": A.KEY_REVOKED,
    "POST /v1/api-keys/{key_id}/rotate": A.KEY_ROTATED,
    "POST /v1/workspaces/{workspace_id}/api-keys": A.KEY_CREATED,
    "POST /v1/approvals/{approval_id}/decision": A.APPROVAL_DECIDED,
    "POST /v1/auth/invitation/accept": A.MEMBER_ADDED,
    "POST /v1/auth/login": A.SESSION_OPENED,
    "POST /v1/auth/logout": A.SESSION_CLOSED,
    "POST /v1/auth/password/forgot": A.PASSWORD_RESET_ASKED,
    "POST /v1/auth/password/reset": A.PASSWORD_CHANGED,
    "POST /v1/auth/setup": A.SESSION_OPENED,
    "POST /v1/collections": A.COLLECTION_CREATED,
    "PUT /v1/collections/{name}": A.COLLECTION_CHANGED,
    "DELETE /v1/collections/{name}": A.COLLECTION_DELETED,
    "DELETE /v1/documents/{document_id}": A.DOCUMENTS_DELETED,
    "PUT /v1/documents/{document_id}/quarantine": A.DOCUMENT_QUARANTINED,
    "POST /v1/memory/forget": A.DOCUMENTS_DELETED,
    "PUT /v1/memories/{memory_id}": A.MEMORY_CORRECTED,
    "DELETE /v1/memories/{memory_id}": A.MEMORIES_FORGOTTEN,
    "POST /v1/memories/forget": A.MEMORIES_FORGOTTEN,
    "POST /v1/invitations": A.MEMBER_INVITED,
    "POST /v1/invitations/accept": A.MEMBER_ADDED,
    "DELETE /v1/invitations/{invitation_id}": A.INVITATION_REVOKED,
    "POST /v1/me/password": A.PASSWORD_CHANGED,
    "POST /v1/me/totp/confirm": A.SECOND_FACTOR_CHANGED,
    "POST /v1/me/totp/disable": A.SECOND_FACTOR_CHANGED,
    "POST /v1/me/totp/recovery-codes": A.SECOND_FACTOR_CHANGED,
    "DELETE /v1/members/me": A.MEMBER_REMOVED,
    "DELETE /v1/members/{user_id}": A.MEMBER_REMOVED,
    "PATCH /v1/members/{user_id}": A.MEMBER_ROLE_CHANGED,
    "POST /v1/members/{user_id}/disable": A.USER_DISABLED,
    "POST /v1/members/{user_id}/enable": A.USER_ENABLED,
    "POST /v1/mcp-servers": A.MCP_SERVER_CHANGED,
    "PUT /v1/mcp-servers/{server_id}": A.MCP_SERVER_CHANGED,
    "DELETE /v1/mcp-servers/{server_id}": A.MCP_SERVER_DELETED,
    "POST /v1/models": A.MODEL_CHANGED,
    "PUT /v1/models/{model_id}": A.MODEL_CHANGED,
    "DELETE /v1/models/{model_id}": A.MODEL_DELETED,
    "POST /v1/roles": A.ROLE_CREATED,
    "PATCH /v1/roles/{role_id}": A.ROLE_CHANGED,
    "DELETE /v1/roles/{role_id}": A.ROLE_DELETED,
    "PUT /v1/budgets": A.BUDGETS_CHANGED,
    "PUT /v1/rules": A.RULES_CHANGED,
    "POST /v1/runs/{run_id}/cancel": A.RUN_CANCELLED,
    "POST /v1/runs/{run_id}/kill": A.RUN_KILLED,
    "POST /v1/runs/{run_id}/pause": A.RUN_PAUSED,
    "POST /v1/runs/{run_id}/resume": A.RUN_RESUMED,
    "POST /v1/runs/{run_id}/retry": A.RUN_RETRIED,
    "POST /v1/schedules/{schedule_id}/pause": A.SCHEDULE_PAUSED,
    "POST /v1/schedules/{schedule_id}/resume": A.SCHEDULE_RESUMED,
    "PUT /v1/secrets/{name}": A.SECRET_SAVED,
    "DELETE /v1/secrets/{name}": A.SECRET_DELETED,
    "DELETE /v1/sessions": A.SESSION_CLOSED,
    "DELETE /v1/sessions/{session_id}": A.SESSION_CLOSED,
    "PUT /v1/settings": A.SETTINGS_CHANGED,
    "POST /v1/webhook-endpoints": A.ENDPOINT_CHANGED,
    "PUT /v1/webhook-endpoints/{endpoint_id}": A.ENDPOINT_CHANGED,
    "DELETE /v1/webhook-endpoints/{endpoint_id}": A.ENDPOINT_CHANGED,
    "POST /v1/webhook-endpoints/{endpoint_id}/secret": A.ENDPOINT_CHANGED,
    "POST /v1/webhooks/{webhook_id}/secret": A.WEBHOOK_SECRET_MADE,
    "DELETE /v1/workflows/{workflow_id}": A.WORKFLOW_DELETED,
    "POST /v1/workflows/{workflow_id}/publish": A.WORKFLOW_PUBLISHED,
    "PUT /v1/workflows/{workflow_id}/sharing": A.SHARES_CHANGED,
    "POST /v1/workspaces": A.WORKSPACE_CREATED,
    "POST /v1/workspaces/{workspace_id}/switch": A.SESSION_OPENED,
}
CHANGES_NOTHING: Final = "it answers a question"
A_DRAFT: Final = "a draft does nothing until it is published or run, and both say who did it"
A_RUN: Final = "a run is kept with who started it"
ONE_S_OWN: Final = "it concerns nobody but the caller"
CASES: Final = "cases do nothing until they are evaluated, and an evaluation says who started it"
A_TURN: Final = "a turn of a conversation is kept with who said it, and its answer is a run"
A_DOCUMENT: Final = "a document is kept with who sent it and what became of it"
NOT_WRITTEN_DOWN: Final = {
    "POST /v1/conversations": ONE_S_OWN,
    "PATCH /v1/conversations/{conversation_id}": ONE_S_OWN,
    "DELETE /v1/conversations/{conversation_id}": ONE_S_OWN,
    "POST /v1/conversations/{conversation_id}/messages": A_TURN,
    "POST /v1/conversations/{conversation_id}/messages/{message_id}/regenerate": A_TURN,
    "POST /v1/conversations/{conversation_id}/messages/{message_id}/stop": A_TURN,
    "POST /v1/datasets": CASES,
    "PUT /v1/datasets/{dataset_id}": CASES,
    "DELETE /v1/datasets/{dataset_id}": CASES,
    "POST /v1/evaluations": A_RUN,
    "POST /v1/evaluations/{evaluation_id}/cancel": A_RUN,
    "POST /v1/documents": A_DOCUMENT,
    "POST /v1/documents/{document_id}/retry": A_DOCUMENT,
    "POST /v1/memory/search": CHANGES_NOTHING,
    "POST /hooks/{hook_id}": "a delivery is kept with what it started",
    "POST /v1/auth/invitation": CHANGES_NOTHING,
    "POST /v1/auth/refresh": "it goes on with a session that was written down; a reuse is",
    "POST /v1/client-errors": "an error of the page is logged",
    "POST /v1/events": "an event is kept with who sent it",
    "POST /v1/import": A_DRAFT,
    "POST /v1/me/totp": "a factor counts only when it is confirmed",
    "POST /v1/mcp-servers/check": CHANGES_NOTHING,
    "POST /v1/mcp-servers/{server_id}/check": CHANGES_NOTHING,
    "POST /v1/models/test": CHANGES_NOTHING,
    "POST /v1/models/{model_id}/test": CHANGES_NOTHING,
    "PUT /v1/notifications/choices": ONE_S_OWN,
    "POST /v1/notifications/read": ONE_S_OWN,
    "POST /v1/oauth/token": "the client's last use is kept, and what it does carries its id",
    "PATCH /v1/preferences": ONE_S_OWN,
    "POST /v1/proposals": A_RUN,
    "POST /v1/runs/{run_id}/fork": A_RUN,
    "POST /v1/runs/{run_id}/save-as-test": CHANGES_NOTHING,
    "POST /v1/validate": CHANGES_NOTHING,
    "POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay": "a delivery is kept",
    "POST /v1/webhook-endpoints/{endpoint_id}/test": "a delivery is kept",
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": "a delivery is kept",
    "POST /v1/workflows": A_DRAFT,
    "PUT /v1/workflows/{workflow_id}": A_DRAFT,
    "POST /v1/workflows/{workflow_id}/restore": A_DRAFT,
    "POST /v1/workflows/{workflow_id}/runs": A_RUN,
}


def _changing_routes() -> set[str]:
    """Return the routes that people and their programs call to change something."""
    return {
        f"{access.method} {access.path}"
        for access in inventory(described_app())
        if access.method in CHANGING
        and access.asks not in {SIDECAR, SOCKET}
        and not access.path.startswith("/internal/")
    }


def test_s69_every_route_that_changes_something_says_how_it_is_written_down() -> None:
    known = WRITTEN_DOWN.keys() | NOT_WRITTEN_DOWN.keys()
    assert not WRITTEN_DOWN.keys() & NOT_WRITTEN_DOWN.keys()
    assert _changing_routes() == known, "say in this file how the route is written down, or why not"


@pytest.fixture(scope="module")
def written() -> set[str]:
    """The actions that some service writes down."""
    sources = (path.read_text() for path in ROOT.glob("services/*/src/**/*.py"))
    return {name for source in sources for name in re.findall(r"AuditAction\.([A-Z_]+)", source)}


@pytest.mark.parametrize("action", sorted(set(WRITTEN_DOWN.values())))
def test_s69_an_action_that_a_route_names_is_written_by_a_service(
    action: AuditAction, written: set[str]
) -> None:
    assert action.name in written
