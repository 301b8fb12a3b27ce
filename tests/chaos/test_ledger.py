"""The ledger applies a key once, keeps every arrival on disk, and finds effects that were done twice."""

import json
from pathlib import Path

import httpx

from tests.chaos.journal import ClientJournal
from tests.chaos.ledger import EffectLedger, doubled, ledger_app


def _client(ledger: EffectLedger) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=ledger_app(ledger))
    return httpx.AsyncClient(transport=transport, base_url="http://ledger")


async def test_applies_a_key_once_and_says_so_when_it_comes_again(tmp_path: Path) -> None:
    ledger = EffectLedger(tmp_path / "ledger.jsonl")
    async with _client(ledger) as client:
        for again in (False, True):
            headers = {"Idempotency-Key": "k1"}
            answer = await client.post("/effects/run-1/send", headers=headers, content=b"hello")
            assert answer.json() == {"n": 2 if again else 1, "again": again}
        assert len((await client.get("/effects")).json()) == 2
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    assert [(line["name"], line["key"], line["again"]) for line in lines] == [
        ("run-1/send", "k1", False),
        ("run-1/send", "k1", True),
    ]
    assert doubled(ledger.effects) == []
    ledger.close()


async def test_refuses_an_effect_without_a_key_and_finds_one_under_two_keys() -> None:
    ledger = EffectLedger()
    async with _client(ledger) as client:
        assert (await client.post("/effects/run-1/send")).status_code == 400
        for key in ("k1", "k2"):
            await client.post("/effects/run-1/send", headers={"Idempotency-Key": key})
    assert doubled(ledger.effects) == ["run-1/send was applied under 2 keys"]


def test_a_promise_that_is_told_twice_is_kept_once(tmp_path: Path) -> None:
    with ClientJournal(tmp_path / "journal.jsonl") as journal:
        for _ in range(2):
            journal.write("run-1", key="k", kind="crew")
    assert len((tmp_path / "journal.jsonl").read_text().splitlines()) == 1
