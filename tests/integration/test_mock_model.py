"""The mock model server does what its fault plan says, so that the other tests may believe it."""

import json
import re
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from benchmarks.mock_llm.answers import STEP_BYTES, AnswerBook
from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.ledger import Ledger
from benchmarks.mock_llm.plan import Fault, Rule
from benchmarks.mock_llm.server import World, start_server
from tests.integration.waiting import until

TOKEN = re.compile(r"(\d{4})@(\d+) ")


@pytest.fixture
async def mock() -> AsyncIterator[MockModel]:
    """Give a server in this process, in step mode, and close it."""
    world = World(AnswerBook(seed=7, mode="step"), Ledger(None))
    server = await start_server(world, host="127.0.0.1", port=0)
    async with MockModel(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as control:
        yield control
    server.close()
    await server.wait_closed()


def _body(prompt: str, **more: object) -> dict[str, object]:
    return {"model": "mock", "messages": [{"role": "user", "content": prompt}], **more}


async def _ask(mock: MockModel, prompt: str, **more: object) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return await client.post(f"{mock.url}/v1/chat/completions", json=_body(prompt, **more))


async def _nothing_open(mock: MockModel) -> bool:
    return (await mock.page()).open == 0


def _streamed(text: str) -> str:
    chunks = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    return "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])


async def test_answers_with_200_bytes_that_name_the_marker(mock: MockModel) -> None:
    answer = (await _ask(mock, "Say it [[r1/plan]]")).json()
    text = answer["choices"][0]["message"]["content"]
    assert len(text) == STEP_BYTES
    assert text.startswith("[r1/plan] ")
    assert answer["usage"]["total_tokens"] == 10 + len(text.split())


async def test_answers_the_same_when_asked_the_same(mock: MockModel) -> None:
    first, second = await _ask(mock, "same"), await _ask(mock, "same")
    texts = [answer.json()["choices"][0]["message"]["content"] for answer in (first, second)]
    assert texts[0] == texts[1]


async def test_streams_tokens_on_schedule_with_their_time_inside(mock: MockModel) -> None:
    await mock.script(Rule(name="slow", match="flow", mode="stream", tokens=20, tokens_per_s=100))
    answer = await _ask(mock, "flow", stream=True, stream_options={"include_usage": True})
    tokens = TOKEN.findall(_streamed(answer.text))
    assert [int(number) for number, _ in tokens] == list(range(20))
    assert (int(tokens[-1][1]) - int(tokens[0][1])) / 1e9 == pytest.approx(0.19, abs=0.1)
    assert answer.text.endswith("data: [DONE]\n\n")
    assert '"total_tokens": 30' in answer.text


async def test_answers_by_schema_when_a_response_format_is_given(mock: MockModel) -> None:
    schema = {
        "type": "object",
        "required": ["score", "tags", "note"],
        "properties": {
            "score": {"type": "integer", "minimum": 3},
            "tags": {"type": "array", "minItems": 3, "items": {"enum": ["a", "b"]}},
            "note": {"type": "string", "minLength": 40},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    answer = await _ask(mock, "judge", response_format=wanted)
    value = json.loads(answer.json()["choices"][0]["message"]["content"])
    assert value["score"] == 3
    assert value["tags"] == ["a", "a", "a"]
    assert len(value["note"]) == 40


async def test_gives_scripted_answers_in_order(mock: MockModel) -> None:
    await mock.script(Rule(name="two", match="poem", texts=["short", "long enough {marker}"]))
    texts = [(await _ask(mock, "poem [[m]]")).json()["choices"][0]["message"]["content"] for _ in range(3)]
    assert texts == ["short", "long enough m", "long enough m"]


@pytest.mark.parametrize(("status", "retry_after"), [(429, 2), (429, None), (500, None), (529, None)])
async def test_refuses_so_often_as_planned(mock: MockModel, status: int, retry_after: int | None) -> None:
    fault = Fault(status=status, retry_after_s=retry_after)
    await mock.script(Rule(name="no", match="x", fault=fault, fault_times=1))
    refused, answered = await _ask(mock, "x"), await _ask(mock, "x")
    assert refused.status_code == status
    assert refused.headers.get("retry-after") == (None if retry_after is None else str(retry_after))
    assert answered.status_code == 200


async def test_cuts_the_stream_inside_a_token(mock: MockModel) -> None:
    rule = Rule(name="cut", mode="stream", tokens_per_s=500, fault=Fault(cut_after_tokens=3))
    await mock.script(rule)
    with pytest.raises(httpx.RemoteProtocolError):
        await _ask(mock, "cut", stream=True)
    assert [entry.event for entry in (await mock.page()).entries] == ["asked", "cut"]


async def test_sends_broken_answers_as_planned(mock: MockModel) -> None:
    await mock.script(
        Rule(name="json", match="bad json", fault=Fault(invalid_json=True)),
        Rule(name="type", match="bad type", fault=Fault(content_type="text/html")),
        Rule(name="twice", match="twice", mode="stream", tokens=3, fault=Fault(double_token=1)),
        Rule(name="big", match="big", fault=Fault(body_bytes=10_000_000)),
    )
    with pytest.raises(json.JSONDecodeError):
        (await _ask(mock, "bad json")).json()
    assert (await _ask(mock, "bad type")).headers["content-type"] == "text/html"
    doubled = TOKEN.findall(_streamed((await _ask(mock, "twice", stream=True)).text))
    assert [int(number) for number, _ in doubled] == [0, 1, 1, 2]
    big = (await _ask(mock, "big")).json()["choices"][0]["message"]["content"]
    assert len(big) == 10_000_000


async def test_waits_before_the_first_byte(mock: MockModel) -> None:
    await mock.script(Rule(name="late", fault=Fault(first_byte_s=0.2)))
    began = time.monotonic()
    await _ask(mock, "late")
    assert time.monotonic() - began >= 0.2


async def test_notes_when_the_reader_goes_away(mock: MockModel) -> None:
    await mock.script(Rule(name="long", mode="stream", tokens=1000))
    async with httpx.AsyncClient(trust_env=False) as client:
        request = client.stream("POST", f"{mock.url}/v1/chat/completions", json=_body("x", stream=True))
        async with request as answer:
            await anext(answer.aiter_raw())
    await until(lambda: _nothing_open(mock), within_s=2)
    last = (await mock.page()).entries[-1]
    assert last.event == "closed_by_peer"
    assert 0 < last.tokens < 1000
