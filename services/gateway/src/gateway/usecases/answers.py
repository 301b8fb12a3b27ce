"""Answers of conversations: each is a run; one at a time in a conversation, the others wait their turn."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import structlog

from flowloom_contracts.base import JsonObject
from flowloom_contracts.chat import (
    AgentTarget,
    Conversation,
    Message,
    MessageCitation,
    MessageError,
    WorkflowTarget,
)
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.events import RunFinished, StepDelta
from flowloom_contracts.memory import Asked, MemoryFilter, OfDocument, SearchPassages
from flowloom_contracts.run_memory import RUN_MEMORY
from flowloom_contracts.runs import Actor, Run, RunCommand, RunEventsQuery, RunQuery, RunStatus, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, RemoteProblemError, UpstreamError, problem_type
from gateway.chat_ports import Answer, ConversationStore, Ending
from gateway.domain.chat import (
    MAX_SOURCE_CHARS,
    NAME,
    PROMPT,
    SOURCES,
    answer_in,
    branch_of,
    document_for,
    prompt_for,
)
from gateway.knowledge_ports import Knowledge
from gateway.ports import Runs
from gateway.usecases.runs import Startable
from gateway.usecases.sharing import SharingBook
from gateway.usecases.starting import frozen_document
from gateway.usecases.workflows import WorkflowNotFoundError

log = structlog.get_logger(__name__)

MOST_MESSAGES: Final = 2_000
MOST_SOURCES: Final = 6
MOST_COLLECTIONS: Final = 20
LOOKED_AFTER_S: Final = 3.0
SWEPT_AT_ONCE: Final = 100
EVENTS_AT_ONCE: Final = 5_000
MOST_REMEMBERED: Final = 10_000
ON_ITS_WAY: Final = frozenset({"receiving", "queued", "parsing", "embedding"})
ANSWER_STEP: Final = "answer"


@dataclass(frozen=True, slots=True)
class _Prepared:
    workflow: WorkflowRef
    version: int | Literal["draft"]
    source: str
    agents: Mapping[str, AgentDefinition]
    inputs: JsonObject


class Answers:
    """Begins answers and notes how they ended; whatever is missed here is found by the next look."""

    def __init__(
        self,
        *,
        conversations: ConversationStore,
        knowledge: Knowledge,
        runs: Runs,
        stores: Startable,
        sharing: SharingBook,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._knowledge = knowledge
        self._runs = runs
        self._stores = stores
        self._sharing = sharing
        self._clock = clock
        self._begun = dict[str, None]()
        self._next_sweep = 0.0

    async def advance(self, workspace_id: str, conversation_id: str) -> None:
        """Note what has ended, and begin the answer whose turn it is."""
        in_flight = await self._conversations.in_flight(workspace_id, conversation_id)
        for answer in in_flight:
            if answer.message.status == "running" and not await self._has_ended(answer):
                return
        waiting = [answer for answer in in_flight if answer.message.status == "queued"]
        if waiting:
            await self._begin(waiting[0])

    async def stop(self, answer: Answer) -> None:
        """End an answer; what it has said is kept."""
        if answer.message.run_id is None:
            await self._settle(answer, status="stopped")
            return
        command = RunCommand(
            actor=answer.actor, run_id=answer.message.run_id, reason="stopped in the conversation"
        )
        try:
            await self._runs.cancel(command)
        except RemoteProblemError as refused:
            if not refused.is_callers_fault:
                raise
            await self._has_ended(answer)

    async def run_ended(self, event: RunFinished) -> None:
        """Note the end of an answer that began here; the sweep finds those that began elsewhere."""
        if event.run_id not in self._begun:
            return
        answer = await self._conversations.of_run(event.workspace_id, event.run_id)
        if answer is not None:
            await self.advance(event.workspace_id, answer.conversation_id)
        self._begun.pop(event.run_id, None)

    async def carry_out(self) -> int:
        """Look after answers that nobody has looked after for a while."""
        if self._clock.monotonic() < self._next_sweep:
            return 0
        self._next_sweep = self._clock.monotonic() + LOOKED_AFTER_S
        now = self._clock.now()
        stale = await self._conversations.stale(
            before=now - timedelta(seconds=LOOKED_AFTER_S), limit=SWEPT_AT_ONCE
        )
        for answer in stale:
            await self._conversations.touch(answer, now)
            try:
                await self.advance(answer.actor.workspace_id, answer.conversation_id)
            except UpstreamError as error:
                log.warning("an answer has to wait", answer=answer.message.id, error=repr(error))
        return 0

    async def _begin(self, answer: Answer) -> None:
        if await self._waits_for_attachments(answer):
            return
        try:
            prepared = await self._prepared(answer)
            if prepared is not None:
                run = await self._runs.start(_start(answer, prepared))
                self._remember(run.id)
                await self._conversations.adopt(answer, run.id, self._clock.now())
        except DomainError as refused:
            await self._settle(answer, status="failed", error=_error(refused))
        except RemoteProblemError as refused:
            if not refused.is_callers_fault:
                raise
            error = MessageError(code=refused.remote.type, message=refused.detail)
            await self._settle(answer, status="failed", error=error)

    async def _prepared(self, answer: Answer) -> _Prepared | None:
        """Return what the run is started with; None when the conversation is gone."""
        workspace_id, user_id = answer.actor.workspace_id, answer.actor.user_id or ""
        conversation = await self._conversations.get(workspace_id, user_id, answer.conversation_id)
        if conversation is None:
            return None
        messages = await self._conversations.messages(
            workspace_id, conversation.id, after=None, limit=MOST_MESSAGES
        )
        branch = branch_of({one.id: one for one in messages}, answer.message.parent_id)
        if not branch:
            return None
        if isinstance(answer.target, WorkflowTarget):
            return await self._workflow(answer.target, branch[-1], answer.actor)
        sources = await self._sources(answer, branch[-1], conversation)
        target = answer.target
        model = None if target.model is None else json.dumps(target.model)
        inputs: JsonObject = {
            PROMPT: prompt_for(branch[:-1], branch[-1], sources),
            SOURCES: [source.model_dump(mode="json") for source in sources],
        }
        # Never the title: it is what was said, and sums and the audit log keep names.
        workflow = WorkflowRef(id=conversation.id, name=NAME)
        source = document_for(target, model)
        agents = await self._stores.agents.named_in(source, workspace_id)
        return _Prepared(workflow, "draft", source, agents, inputs)

    async def _workflow(self, target: WorkflowTarget, message: Message, asking: Actor) -> _Prepared:
        workspace_id, actor = asking.workspace_id, await self._sharing.renewed(asking)
        stored = await self._stores.workflows.get(workspace_id, target.workflow_id)
        if stored is None or not actor.reaches(stored.id, "run"):
            raise WorkflowNotFoundError(f"No workflow {target.workflow_id!r} here.")
        document = await frozen_document(
            stored,
            None,
            workspace_id=workspace_id,
            versions=self._stores.versions,
            agents=self._stores.agents,
        )
        workflow = WorkflowRef(id=stored.id, name=stored.draft.name)
        inputs: JsonObject = {target.input: message.text}
        return _Prepared(workflow, document.version, document.source, document.agents, inputs)

    async def _sources(
        self, answer: Answer, message: Message, conversation: Conversation
    ) -> list[MessageCitation]:
        """Return the passages that the answer may draw on: of attachments, then of what is known."""
        asked = _asked(answer)
        known = (await self._knowledge.collections(asked)).items
        readable = [one.name for one in known if one.name != RUN_MEMORY]
        scopes: list[tuple[Sequence[str], MemoryFilter]] = []
        if message.attachments:
            scopes.append((readable, MemoryFilter(document_ids=message.attachments)))
        if conversation.memory.enabled:
            scopes.append((conversation.memory.collections or readable, MemoryFilter()))
        found: list[MessageCitation] = []
        for names, only in scopes:
            if names:
                found += await self._search(asked, names, message.text, only)
        return [one.model_copy(update={"n": n}) for n, one in enumerate(found[:MOST_SOURCES], start=1)]

    async def _search(
        self, asked: Asked, names: Sequence[str], query: str, only: MemoryFilter
    ) -> list[MessageCitation]:
        hits = await self._knowledge.search(
            SearchPassages(
                **asked.model_dump(),
                collections=list(names[:MOST_COLLECTIONS]),
                query=query,
                top=MOST_SOURCES,
                filter=only,
            )
        )
        return [
            MessageCitation(
                n=1, collection=hit.collection, text=hit.text[:MAX_SOURCE_CHARS], citation=hit.citation
            )
            for hit in hits.items
        ]

    async def _waits_for_attachments(self, answer: Answer) -> bool:
        if answer.message.parent_id is None:
            return False
        asking = await self._conversations.message(
            answer.actor.workspace_id, answer.conversation_id, answer.message.parent_id
        )
        for document_id in asking.attachments if asking is not None else ():
            request = OfDocument(**_asked(answer).model_dump(), document_id=document_id)
            try:
                document = await self._knowledge.document(request)
            except RemoteProblemError as refused:
                if not refused.is_callers_fault:
                    raise
                continue
            if document.status in ON_ITS_WAY:
                return True
        return False

    async def _has_ended(self, answer: Answer) -> bool:
        """Settle an answer whose run has ended; an answer is settled once, whoever sees it first."""
        if answer.message.run_id is None:
            return False
        run = await self._runs.get(RunQuery(actor=answer.actor, run_id=answer.message.run_id))
        if not run.status.is_terminal:
            self._remember(run.id)
            return False
        ending = await self._ending(answer, run)
        await self._conversations.settle(answer, ending)
        return True

    async def _ending(self, answer: Answer, run: Run) -> Ending:
        cited = run.inputs.get(SOURCES) if isinstance(answer.target, AgentTarget) else None
        citations = [
            MessageCitation.model_validate(one) for one in (cited if isinstance(cited, list) else [])
        ]
        now = self._clock.now()
        if run.status is RunStatus.SUCCEEDED:
            wanted = answer.target.output if isinstance(answer.target, WorkflowTarget) else "text"
            said = answer_in(run.outputs or {}, wanted)
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=2)
            return Ending("done", text, None, citations, now)
        text = await self._partial(answer)
        if run.status is RunStatus.CANCELLED:
            return Ending("stopped", text, None, citations, now)
        error = run.error
        told = MessageError(code=error.code, message=error.message) if error else None
        return Ending("failed", text, told, citations, now)

    async def _partial(self, answer: Answer) -> str:
        """Return what an agent had said when its run ended, put together from the stream."""
        texts: dict[int, list[str]] = {}
        after: str | None = "0"
        while after is not None:
            query = RunEventsQuery(
                actor=answer.actor, run_id=answer.message.run_id or "", after=after, limit=EVENTS_AT_ONCE
            )
            page = await self._runs.events(query)
            for event in page.items:
                if (
                    isinstance(event, StepDelta)
                    and event.step == ANSWER_STEP
                    and event.data.channel == "answer"
                ):
                    texts.setdefault(event.data.exec, []).append(event.data.text)
            after = page.next_cursor if page.items else None
        return "".join(texts[max(texts)]) if texts else ""

    async def _settle(
        self, answer: Answer, *, status: Literal["stopped", "failed"], error: MessageError | None = None
    ) -> None:
        await self._conversations.settle(answer, Ending(status, "", error, (), self._clock.now()))

    def _remember(self, run_id: str) -> None:
        if len(self._begun) >= MOST_REMEMBERED:
            self._begun.pop(next(iter(self._begun)))
        self._begun[run_id] = None


def _asked(answer: Answer) -> Asked:
    roles = answer.actor.roles
    return Asked(workspace_id=answer.actor.workspace_id, role=roles[0] if roles else "viewer")


def _start(answer: Answer, prepared: _Prepared) -> StartRun:
    key = f"chat:{answer.message.id}"
    return StartRun(
        actor=answer.actor,
        workflow=prepared.workflow,
        version=prepared.version,
        source=prepared.source,
        agents=dict(prepared.agents),
        inputs=prepared.inputs,
        idempotency_key=key,
        # The key alone says which run it is: what is known may have changed between two attempts.
        request_hash=hashlib.sha256(key.encode()).hexdigest(),
        is_private=True,
    )


def _error(refused: DomainError) -> MessageError:
    return MessageError(code=problem_type(type(refused)), message=refused.detail or refused.title)
