"""A hundred conversations at the same time, in two workspaces: each hears its own words and nobody else's."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.ledger import Entry
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.api import ApiKeyCreated, Session, Workspace
from flowloom_contracts.chat import Conversation, Message, MessageList, Turn
from tests.integration import invariants
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.viewer import Viewer
from tests.integration.waiting import until

CHATS: Final = 100
TURNS: Final = ("one", "two")
SECOND_TURN_OF: Final = 5
"""One chat in so many goes on: its second prompt has what was said before, and it must be its own."""

WITHIN_S: Final = 90
AT_ONCE: Final = 10
"""How many answers must be on their way together at some time, for the word parallel to mean anything."""

AGENTS: Final = ("research", "analysis", "implementation", "qa")
NOT_NOW: Final = frozenset({429, 502, 503, 504})


async def patient(ask: Callable[[], Awaitable[httpx.Response]], status: int) -> httpx.Response:
    """Ask again as long as the platform says that it is too busy now, as a good client does."""

    async def answered() -> httpx.Response | None:
        answer = await ask()
        return None if answer.status_code in NOT_NOW else answer

    answer = await until(answered, within_s=WITHIN_S, every_s=0.5, what="an answer that is no refusal")
    assert answer is not None and answer.status_code == status, answer and answer.text
    return answer


@dataclass
class Chat:
    """One conversation; `word` is said in it and nowhere else."""

    api: PublicApi
    id: str
    word: str
    turns: Sequence[str]
    heard: list[str]
    """What a viewer of each answer has been shown."""

    async def say(self, turn: str) -> None:
        """Say something and follow the answer to its end."""
        answer = await self._sent(turn)
        run_id = answer.run_id or await until(
            lambda: self._begun(answer.id), within_s=WITHIN_S, every_s=0.5, what=f"an answer for {self.word}"
        )
        assert run_id is not None
        viewer = Viewer(self.api, run_id)
        await viewer.follow()
        self.heard.append(viewer.texts["answer"].shown)

    async def _sent(self, turn: str) -> Message:
        body = {"text": f"My word is {self.word}. [[{self.word}/{turn}]]"}
        headers = {"Idempotency-Key": f"{self.word}-{turn}"}

        path = f"/v1/conversations/{self.id}/messages"
        answer = await patient(lambda: self.api.http.post(path, json=body, headers=headers), 202)
        return Turn.model_validate_json(answer.content).answer

    async def _begun(self, message_id: str) -> str | None:
        return next((one.run_id for one in await self.messages() if one.id == message_id), None)

    async def messages(self) -> Sequence[Message]:
        path = f"/v1/conversations/{self.id}/messages"
        answer = await patient(lambda: self.api.http.get(path), 200)
        return MessageList.model_validate_json(answer.content).items

    async def settled(self) -> Sequence[Message]:
        """Return the messages when none of them is being written any more."""

        async def still() -> Sequence[Message] | None:
            known = await self.messages()
            return known if all(one.status not in ("queued", "running") for one in known) else None

        known = await until(still, within_s=WITHIN_S, every_s=0.5, what=f"the last answer of {self.word}")
        assert known is not None
        return known


@asynccontextmanager
async def another_workspace(stack: Stack, name: str) -> AsyncIterator[PublicApi]:
    """Give a client of a new workspace of the same owner."""
    owner = stack.platform.owner
    assert owner is not None
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False, timeout=30) as client:
        who = {"email": owner.email, "password": owner.password}
        session = Session.model_validate_json((await client.post("/v1/auth/login", json=who)).content)
        client.headers["Authorization"] = f"Bearer {session.access_token}"
        made = await client.post("/v1/workspaces", json={"name": name})
        path = f"/v1/workspaces/{Workspace.model_validate_json(made.content).id}/api-keys"
        key = await client.post(path, json={"name": name, "scopes": ["*"]})
    async with PublicApi(stack.url, ApiKeyCreated.model_validate_json(key.content).key) as api:
        yield api


async def begun(api: PublicApi, agent: str, word: str, number: int) -> Chat:
    target = {"kind": "agent", "agent": agent}
    answer = await patient(lambda: api.http.post("/v1/conversations", json={"target": target}), 201)
    turns = TURNS if number % SECOND_TURN_OF == 0 else TURNS[:1]
    return Chat(api, Conversation.model_validate_json(answer.content).id, word, turns, [])


def words_in(text: str, key: str) -> set[str]:
    return set(re.findall(rf"{key}-\d{{3}}", text))


def most_at_once(entries: Sequence[Entry]) -> int:
    """Return how many calls of the model were open together, at most."""
    now = most = 0
    for entry in entries:
        now += 1 if entry.event == "asked" else -1
        most = max(most, now)
    return most


@pytest.mark.timeout(240)
async def test_a_hundred_parallel_chats_stay_isolated(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    text = "[{marker}] " + "I say {marker} again. " * 8
    await model.script(Rule(name=key, match=key, mode="stream", texts=[text], tokens_per_s=8))
    async with another_workspace(stack, f"second {key}") as other:
        places = (api, other)
        chats = await asyncio.gather(
            *(
                begun(places[number % 2], AGENTS[number // 2 % len(AGENTS)], f"{key}-{number:03d}", number)
                for number in range(CHATS)
            )
        )
        async with asyncio.timeout(WITHIN_S):
            await asyncio.gather(*(_talk(chat) for chat in chats))
            stored = await asyncio.gather(*(chat.settled() for chat in chats))
        for chat, messages in zip(chats, stored, strict=True):
            await _is_its_own(chat, messages, key)
            elsewhere = places[1 - places.index(chat.api)]
            assert (await elsewhere.http.get(f"/v1/conversations/{chat.id}")).status_code == 404
    runs = {one.run_id for messages in stored for one in messages if one.run_id}
    assert len(runs) == sum(len(chat.turns) for chat in chats)
    _is_asked_for_itself(await model.entries(key), chats, key)


async def _talk(chat: Chat) -> None:
    for turn in chat.turns:
        await chat.say(turn)


async def _is_its_own(chat: Chat, messages: Sequence[Message], key: str) -> None:
    """What is stored is whole and in order, what was streamed says the same, and no word is another's."""
    assert [(one.role, one.status) for one in messages] == [("user", "done"), ("assistant", "done")] * len(
        chat.turns
    )
    assert [answer.text for answer in messages[1::2]] == chat.heard
    for turn, question, answer in zip(chat.turns, messages[::2], messages[1::2], strict=True):
        assert question.text.endswith(f"[[{chat.word}/{turn}]]")
        assert answer.text.startswith(f"[{chat.word}/{turn}] ")
        assert answer.text.count(chat.word) == 9, answer.text
        assert answer.parent_id == question.id
        events = await chat.api.history(answer.run_id or "")
        invariants.is_dense(events)
        assert events[-1].type == "run.finished.v1"
        whole = "".join(one.model_dump_json() for one in events) + question.text + answer.text
        assert words_in(whole, key) == {chat.word}


def _is_asked_for_itself(entries: Sequence[Entry], chats: Sequence[Chat], key: str) -> None:
    """The model was asked once for each answer, with the words of its conversation alone, many at once."""
    asked = [entry for entry in entries if entry.event == "asked"]
    assert sorted(entry.marker for entry in asked) == sorted(
        f"{chat.word}/{turn}" for chat in chats for turn in chat.turns
    )
    for entry in asked:
        assert words_in(entry.prompt, key) == {entry.marker.partition("/")[0]}
        assert ("Earlier in this conversation" in entry.prompt) == entry.marker.endswith("/two")
    assert most_at_once(entries) >= AT_ONCE
