"""What is said in a conversation is its owner's: nobody else in the workspace reaches its runs (S16)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role

from .gateways import listening
from .people import REF, People, belongings, people
from .test_across_workspaces import Listener, _page
from .test_authorisation import ASKED, _call, _without_ids

SECRET: Final = "words of nobody but Anna"


@dataclass(slots=True)
class Talk:
    """Anna's conversation, the run that answers in it, and the owner of the same workspace."""

    people: People
    anna: httpx.AsyncClient
    boss: httpx.AsyncClient
    ids: dict[str, str]


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with people() as opened:
        boss = await opened.member(Role.OWNER)
        ids = await belongings(opened.gateway, boss)
        anna = await opened.member(Role.OPERATOR, ids["workspace_id"])
        made = await anna.post("/v1/conversations", json={"target": {"kind": "agent", "agent": "research"}})
        path = f"/v1/conversations/{made.json()['id']}"
        turn = (await anna.post(f"{path}/messages", json={"text": SECRET})).json()
        answer = turn["answer"]
        yield Talk(
            opened,
            anna,
            boss,
            ids
            | {
                "run_id": answer["run_id"],
                "conversation_id": made.json()["id"],
                "message_id": answer["id"],
                "ref": REF,
            },
        )


async def test_s16_nobody_else_reaches_the_run_of_a_conversation_by_any_route(talk: Talk) -> None:
    inside = [one for one in ASKED if re.search(r"{(run_id|conversation_id)", one.path)]
    assert len(inside) > 15
    wrong = []
    for access in inside:
        other = talk.ids | {name: new_id() for name in ("run_id", "conversation_id", "message_id")}
        theirs, unknown = await _call(talk.boss, access, talk.ids), await _call(talk.boss, access, other)
        same = _without_ids(theirs, talk.ids) == _without_ids(unknown, other)
        if (theirs.status_code, same) != (404, True) or SECRET in theirs.text:
            wrong.append(f"{access.method} {access.path}: {theirs.status_code}")
    assert wrong == []
    assert (await talk.anna.get(f"/v1/runs/{talk.ids['run_id']}")).status_code == 200


async def test_s16_lists_tables_and_figures_show_it_to_nobody_else(talk: Talk) -> None:
    run_id = talk.ids["run_id"]
    assert run_id in (await talk.anna.get("/v1/runs")).text
    for access in ASKED:
        if access.method == "GET" and "{" not in access.path:
            answer = await _call(talk.boss, access, {})
            assert run_id not in answer.text and SECRET not in answer.text, access.path
    table = await talk.boss.get("/v1/runs", headers={"accept": "text/csv"})
    assert run_id not in table.text


async def test_s16_no_run_begins_where_that_of_a_conversation_stands(talk: Talk) -> None:
    body = {"from_step": "answer", "dry_run": True}
    assert (await talk.boss.post(f"/v1/runs/{talk.ids['run_id']}/fork", json=body)).status_code == 404


async def test_s17_sockets_say_nothing_of_it_to_anybody_else(talk: Talk) -> None:
    gateway, run_id = talk.people.gateway, talk.ids["run_id"]
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    async with listening(gateway) as server, _page(server.url, talk.boss) as page:
        await _is_refused(page, run_id)
        await gateway.runs.say(run_id, SECRET)
        assert page.told == []
    async with listening(gateway) as server, _page(server.url, talk.anna) as own:
        answer = await own.socket.call("subscribe", {"stream": f"run:{run_id}"}, timeout=5)
        assert answer["ok"] is True


async def _is_refused(page: Listener, run_id: str) -> None:
    for wish in ({}, {"after": "0"}, {"mode": "head"}):
        answer = await page.socket.call("subscribe", {"stream": f"run:{run_id}", **wish}, timeout=5)
        assert (answer["ok"], answer["problem"]["status"]) == (False, 404)


async def test_s16_a_key_of_its_owner_reads_it_and_a_key_of_others_does_not(talk: Talk) -> None:
    for client, status in ((talk.anna, 200), (talk.boss, 404)):
        made = await client.post("/v1/api-keys", json={"name": "k", "scopes": ["runs:read"]})
        if made.status_code == 403:
            continue  # operators make no keys
        with_key = await talk.people.stranger()
        with_key.headers["x-api-key"] = made.json()["key"]
        assert (await with_key.get(f"/v1/runs/{talk.ids['run_id']}")).status_code == status


async def test_the_name_of_the_run_is_not_what_was_said(talk: Talk) -> None:
    run = (await talk.anna.get(f"/v1/runs/{talk.ids['run_id']}")).json()
    assert run["workflow"]["name"] == "chat"
