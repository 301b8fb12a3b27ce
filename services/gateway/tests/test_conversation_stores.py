"""One suite of the store of conversations, over the fake and Postgres."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.chat import AgentTarget, ChatMemory, Conversation, Message, WhileRunning
from flowloom_contracts.runs import Actor
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_conversations import PostgresConversations
from gateway.chat_ports import Answer, ConversationStore, Ending, NewTurn
from gateway.ports import NewOwner
from gateway.testing.conversations import InMemoryConversations

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TARGET = AgentTarget(kind="agent", agent="research")


@dataclass
class Talk:
    """A conversation in a store."""

    store: ConversationStore
    workspace_id: str
    user_id: str
    conversation: Conversation

    def turn(self, text: str, *, key: str | None = None, while_running: WhileRunning = "queue") -> NewTurn:
        message = Message(
            id=new_id(), parent_id=None, role="user", text=text, status="done", created_at=NOW, ended_at=NOW
        )
        answer = Message(
            id=new_id(), parent_id=message.id, role="assistant", text="", status="queued", created_at=NOW
        )
        actor = Actor(workspace_id=self.workspace_id, user_id=self.user_id, roles=["editor"])
        return NewTurn(message, Answer(answer, self.conversation.id, actor, TARGET), while_running, key)

    async def in_flight(self) -> list[Answer]:
        return await self.store.in_flight(self.workspace_id, self.conversation.id)

    async def said(self) -> list[Message]:
        return await self.store.messages(self.workspace_id, self.conversation.id, after=None, limit=100)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def database_or_none(request: pytest.FixtureRequest) -> Database | None:
    if request.param == "memory":
        return None
    found: Database = request.getfixturevalue("database")
    return found


@pytest.fixture
async def talk(database_or_none: Database | None) -> Talk:
    user_id, workspace_id = new_id(), new_id()
    store: ConversationStore = InMemoryConversations()
    if database_or_none is not None:
        store = PostgresConversations(database_or_none)
        owner = NewOwner(
            user_id=user_id, email="a@b.c", password_hash="h", workspace_id=workspace_id, workspace="A"
        )
        assert await PostgresAccountStore(database_or_none).create_owner(owner, now=NOW)
    conversation = Conversation(
        id=new_id(),
        title="",
        target=TARGET,
        memory=ChatMemory(),
        while_running="queue",
        created_at=NOW,
        updated_at=NOW,
    )
    await store.add(workspace_id, user_id, conversation)
    return Talk(store, workspace_id, user_id, conversation)


async def test_keeps_and_changes_a_conversation_of_one_person(talk: Talk) -> None:
    changed = talk.conversation.model_copy(update={"title": "Bees", "memory": ChatMemory(enabled=True)})
    await talk.store.replace(talk.workspace_id, changed)
    found = await talk.store.get(talk.workspace_id, talk.user_id, changed.id)
    assert found == changed
    assert await talk.store.get(talk.workspace_id, new_id(), changed.id) is None
    assert await talk.store.get(new_id(), talk.user_id, changed.id) is None
    assert await talk.store.page(talk.workspace_id, talk.user_id, after=None, limit=5) == [changed]
    assert await talk.store.page(talk.workspace_id, talk.user_id, after=changed.id, limit=5) == []
    assert await talk.store.delete(talk.workspace_id, talk.user_id, changed.id)
    assert await talk.store.page(talk.workspace_id, talk.user_id, after=None, limit=5) == []


async def test_a_turn_is_kept_once_for_a_key(talk: Talk) -> None:
    turn = talk.turn("one", key="k")
    assert await talk.store.add_turn(talk.workspace_id, turn) == "added"
    again = await talk.store.add_turn(talk.workspace_id, talk.turn("one", key="k"))
    assert isinstance(again, Answer)
    assert again.message.id == turn.answer.message.id
    assert [message.text for message in await talk.said()] == ["one", ""]


async def test_of_turns_at_once_one_is_taken_where_others_are_refused(talk: Talk) -> None:
    turns = [talk.turn(str(number), while_running="reject") for number in range(5)]
    taken = await asyncio.gather(*(talk.store.add_turn(talk.workspace_id, turn) for turn in turns))
    assert sorted(map(str, taken)) == ["added", "busy", "busy", "busy", "busy"]


async def test_an_answer_goes_its_way_once(talk: Talk) -> None:
    await talk.store.add_turn(talk.workspace_id, talk.turn("one"))
    (queued,) = await talk.in_flight()
    run_id = new_id()
    await talk.store.adopt(queued, run_id, NOW)
    await talk.store.adopt(queued, new_id(), NOW)
    running = await talk.store.of_run(talk.workspace_id, run_id)
    assert running is not None
    assert (running.message.status, running.actor.roles, running.target) == ("running", ["editor"], TARGET)
    await talk.store.settle(running, Ending("done", "1", None, (), NOW))
    await talk.store.settle(running, Ending("failed", "", None, (), NOW))
    assert await talk.in_flight() == []
    assert [(message.text, message.status) for message in await talk.said()] == [
        ("one", "done"),
        ("1", "done"),
    ]


async def test_answers_that_nobody_looks_after_are_found(talk: Talk) -> None:
    await talk.store.add_turn(talk.workspace_id, talk.turn("one"))
    later = NOW + timedelta(seconds=5)
    assert await talk.store.stale(before=NOW, limit=5) == []
    (stale,) = await talk.store.stale(before=later, limit=5)
    await talk.store.touch(stale, later)
    assert await talk.store.stale(before=later, limit=5) == []
