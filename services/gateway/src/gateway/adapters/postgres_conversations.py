"""Conversations of people in Postgres."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter
from sqlalchemy import Integer, Row, bindparam, or_, select
from sqlalchemy.sql.elements import ColumnElement

from flowloom_contracts.chat import ChatTarget, Conversation, Message
from flowloom_contracts.runs import Actor
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.tables_of_chat import conversations, messages
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.chat_ports import Answer, Ending, NewTurn

_c = conversations.c
_m = messages.c
IN_FLIGHT: Final = ("queued", "running")
BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"
ONE: Final = Query(
    of_workspace(conversations).where(_c.id == bindparam("id"), _c.user_id == bindparam("user_id"))
)
_HERE: Final = of_workspace(messages).where(_m.conversation_id == bindparam("conversation_id"))
MESSAGE: Final = Query(_HERE.where(_m.id == bindparam("id")))
SAID: Final = Query(
    _HERE.where(_m.id > bindparam("after")).order_by(_m.id).limit(bindparam("limit", type_=Integer))
)
OPEN: Final = Query(_HERE.where(or_(*(_m.status == one for one in IN_FLIGHT))).order_by(_m.id))
_TARGET: Final[TypeAdapter[ChatTarget]] = TypeAdapter(ChatTarget)


class PostgresConversations:
    """ConversationStore over the tables `conversations` and `messages`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, workspace_id: str, user_id: str, conversation: Conversation) -> None:
        """Store a new one."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, conversations, workspace_id)
            await rows.add(
                id=conversation.id,
                user_id=user_id,
                created_at=conversation.created_at,
                **_changing(conversation),
            )

    async def get(self, workspace_id: str, user_id: str, conversation_id: str) -> Conversation | None:
        """Return one that this person began."""
        if not is_id(conversation_id) or not is_id(user_id):
            return None
        named = {"workspace_id": workspace_id, "user_id": user_id, "id": conversation_id}
        found = await self._database.found(ONE, named, workspace=workspace_id)
        return _conversation(found[0]) if found else None

    async def page(
        self, workspace_id: str, user_id: str, *, after: str | None, limit: int
    ) -> list[Conversation]:
        """Return a page, newest first."""
        mine: ColumnElement[bool] = _c.user_id == user_id
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, conversations, workspace_id).page(after=after, limit=limit)
            return [_conversation(row) for row in await session.execute(query.where(mine))]

    async def replace(self, workspace_id: str, conversation: Conversation) -> None:
        """Store a changed one."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, conversations, workspace_id)
            change = rows.update().where(rows.of_id(conversation.id)).values(**_changing(conversation))
            await session.execute(change)

    async def delete(self, workspace_id: str, user_id: str, conversation_id: str) -> bool:
        """Delete one with its messages."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, conversations, workspace_id)
            gone = rows.delete().where(rows.of_id(conversation_id), _c.user_id == user_id)
            return (await session.execute(gone.returning(_c.id))).first() is not None

    async def add_turn(self, workspace_id: str, turn: NewTurn) -> Literal["added", "busy"] | Answer:
        """Store a turn; turns of one conversation follow one another."""
        conversation_id = turn.answer.conversation_id
        async with self._database.transaction(workspace_id) as session:
            owner = TenantRows(session, conversations, workspace_id)
            mine = owner.select(_c.title).where(_c.id == conversation_id)
            known_as = await session.scalar(mine.with_for_update())
            rows = TenantRows(session, messages, workspace_id)
            here: ColumnElement[bool] = _m.conversation_id == conversation_id
            if turn.key is not None:
                known = (await session.execute(rows.select().where(here, _m.key == turn.key))).first()
                if known is not None:
                    return _answer(known)
            if turn.while_running == "reject":
                query = rows.select(_m.id).where(here, _m.status.in_(IN_FLIGHT)).limit(1)
                if (await session.execute(query)).first() is not None:
                    return "busy"
            if turn.message is not None:
                await rows.add(conversation_id=conversation_id, **_columns(turn.message))
            await rows.add(
                conversation_id=conversation_id,
                **_columns(turn.answer.message),
                actor=turn.answer.actor.model_dump(mode="json"),
                target=turn.answer.target.model_dump(mode="json"),
                key=turn.key,
            )
            if turn.title and not known_as:
                named = owner.update().where(_c.id == conversation_id)
                titled = {"title": turn.title, "updated_at": turn.answer.message.created_at}
                await session.execute(named.values(**titled))
        return "added"

    async def messages(
        self, workspace_id: str, conversation_id: str, *, after: str | None, limit: int
    ) -> list[Message]:
        """Return messages of all branches, oldest first."""
        wanted = {"workspace_id": workspace_id, "conversation_id": conversation_id}
        found = await self._database.found(
            SAID, {**wanted, "after": after or BEFORE_ALL, "limit": limit}, workspace=workspace_id
        )
        return [_message(row) for row in found]

    async def message(self, workspace_id: str, conversation_id: str, message_id: str) -> Message | None:
        """Return one message."""
        if not is_id(message_id):
            return None
        wanted = {"workspace_id": workspace_id, "conversation_id": conversation_id, "id": message_id}
        found = await self._database.found(MESSAGE, wanted, workspace=workspace_id)
        return _message(found[0]) if found else None

    async def in_flight(self, workspace_id: str, conversation_id: str) -> list[Answer]:
        """Return the answers that have not ended, oldest first."""
        wanted = {"workspace_id": workspace_id, "conversation_id": conversation_id}
        found = await self._database.found(OPEN, wanted, workspace=workspace_id)
        return [_answer(row) for row in found]

    async def stale(self, *, before: datetime, limit: int) -> list[Answer]:
        """Return answers of all workspaces that nobody has looked after since then."""
        old: ColumnElement[bool] = _m.touched_at < before
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            query = select(messages).where(_m.status.in_(IN_FLIGHT), old).order_by(_m.touched_at)
            return [_answer(row) for row in await session.execute(query.limit(limit))]

    async def of_run(self, workspace_id: str, run_id: str) -> Answer | None:
        """Return the answer that a run gives, if it gives one."""
        condition: ColumnElement[bool] = _m.run_id == run_id
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, messages, workspace_id).select().where(condition)
            row = (await session.execute(query)).first()
        return None if row is None else _answer(row)

    async def adopt(self, answer: Answer, run_id: str, at: datetime) -> None:
        """Note that a run answers now."""
        values = {"run_id": run_id, "status": "running", "touched_at": at}
        await self._change(answer, "queued", values)

    async def touch(self, answer: Answer, at: datetime) -> None:
        """Note that somebody has looked after it."""
        await self._change(answer, answer.message.status, {"touched_at": at})

    async def settle(self, answer: Answer, ending: Ending) -> None:
        """Note how an answer has ended, unless it has ended already."""
        values = {
            "status": ending.status,
            "text": ending.text,
            "error": ending.error.model_dump(mode="json") if ending.error else None,
            "citations": [one.model_dump(mode="json") for one in ending.citations],
            "ended_at": ending.at,
        }
        await self._change(answer, answer.message.status, values)

    async def _change(self, answer: Answer, status: str, values: Mapping[str, object]) -> None:
        workspace_id = answer.actor.workspace_id
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, messages, workspace_id)
            change = rows.update().where(rows.of_id(answer.message.id), _m.status == status)
            await session.execute(change.values(**values))


def _changing(conversation: Conversation) -> dict[str, object]:
    return conversation.model_dump(mode="json", exclude={"id", "created_at", "updated_at"}) | {
        "updated_at": conversation.updated_at
    }


def _columns(message: Message) -> dict[str, object]:
    return message.model_dump(exclude={"citations", "error"}) | {
        "citations": [one.model_dump(mode="json") for one in message.citations],
        "touched_at": message.created_at,
    }


def _conversation(row: Row[*tuple[object, ...]]) -> Conversation:
    return Conversation.model_validate(dict(row._mapping))


def _message(row: Row[*tuple[object, ...]]) -> Message:
    return Message.model_validate(dict(row._mapping))


def _answer(row: Row[*tuple[object, ...]]) -> Answer:
    return Answer(
        message=_message(row),
        conversation_id=row.conversation_id,
        actor=Actor.model_validate(row.actor),
        target=_TARGET.validate_python(row.target),
    )
