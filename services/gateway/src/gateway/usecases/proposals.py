"""Asking a model for a proposal: a run like any other, so it is budgeted, can be watched and be cancelled."""

import hashlib

from flowloom_contracts.proposals import AskProposal
from flowloom_contracts.runs import Run, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_language.words import BUILT_IN_AGENTS
from flowloom_servicekit.ids import new_id
from gateway.domain.json_values import canonical
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.domain.proposals import NAME, PROMPT, document_for, prompt_for
from gateway.ports import Runs
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.idempotency import check_key


async def ask(
    body: AskProposal,
    principal: Principal,
    *,
    idempotency_key: str | None,
    agents: AgentBook,
    runs: Runs,
) -> Run:
    """Start the run whose output is the proposal; nobody but who asked sees it."""
    principal.demand(Permission.RUNS_START)
    check_key(idempotency_key)
    own = await agents.of(principal.workspace_id)
    prompt = prompt_for(body.text, body.source, problems=body.problems, agents=[*BUILT_IN_AGENTS, *own])
    given = canonical(body.model_dump(mode="json"), "body")
    return await runs.start(
        StartRun(
            actor=principal.actor,
            workflow=WorkflowRef(id=new_id(), name=NAME),
            version="draft",
            source=document_for(body.model),
            inputs={PROMPT: prompt},
            idempotency_key=idempotency_key,
            request_hash=hashlib.sha256(b"proposal\n" + given).hexdigest(),
            is_private=True,
        )
    )
