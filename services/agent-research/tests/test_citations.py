"""A citation leaves the step only with words that are in its source; the rest is struck and said."""

import pytest

from agent_research.citations import CitedSources
from agent_research.texts import place_of
from flowloom_contracts.base import JsonObject, JsonValue

from .conftest import Desk, Desks

FOOD = "https://bees.example/food"
BODY = "Bees eat  nectar\nand pollen. In winter they live on honey. "


async def judged(at: Desk, *citations: JsonValue) -> tuple[JsonObject, str | None]:
    found = await CitedSources().judge({"answer": "Nectar.", "citations": list(citations)}, at.context)
    return found.output, found.remark


@pytest.fixture
async def at(desk: Desks) -> Desk:
    at = desk(passages={"handbook": [BODY]}, pages={FOOD: (200, "text/plain", (BODY * 200).encode())})
    await at.use("knowledge.search", query="bees eat")
    for part in (1, 2):
        await at.use("web.fetch", url=FOOD, part=part)
    return at


async def test_completes_a_citation_with_its_document_and_place(at: Desk) -> None:
    output, remark = await judged(at, {"source": "[K1]", "quote": "eat nectar and pollen."})
    assert remark is None
    assert output["struck"] == []
    assert output["citations"] == [
        {
            "source": "handbook-0",
            "kind": "document",
            "title": "handbook 0.md",
            "collection": "handbook",
            "quote": "eat nectar and pollen.",
            "span": {"start": 5, "end": 28},
        }
    ]
    assert BODY[5:28] == "eat  nectar\nand pollen."


async def test_finds_a_quote_of_a_page_over_the_edge_of_its_parts(at: Desk) -> None:
    quote = (BODY * 200)[5_990:6_020]
    output, _ = await judged(at, {"source": f"{FOOD}#top", "quote": quote})
    (citation,) = output["citations"] if isinstance(output["citations"], list) else []
    assert isinstance(citation, dict)
    assert (citation["source"], citation["kind"]) == (FOOD, "page")


@pytest.mark.parametrize(
    ("source", "quote", "reason"),
    [
        ("K1", "Bees eat soup and pollen.", "not in the source"),
        ("K1", "bees EAT nectar and", "not in the source"),
        ("K2", "eat nectar and pollen.", "no tool has brought"),
        ("https://evil.example/", "eat nectar and pollen.", "no tool has brought"),
        ("", "eat nectar and pollen.", "no tool has brought"),
        ("http://[", "eat nectar and pollen.", "no tool has brought"),
        ("K1", "eat", "at least"),
        ("K1", " \n ", "at least"),
    ],
)
async def test_strikes_what_does_not_hold_and_says_why(
    at: Desk, source: str, quote: str, reason: str
) -> None:
    output, remark = await judged(at, {"source": source, "quote": quote})
    assert (output["citations"], remark) == ([], None)
    (struck,) = output["struck"] if isinstance(output["struck"], list) else []
    assert isinstance(struck, dict)
    assert reason in str(struck["reason"])


@pytest.mark.parametrize("citation", [None, 3, "K1", [], {}, {"source": ["K1"], "quote": {"a": 1}}])
async def test_strikes_what_is_no_citation(at: Desk, citation: JsonValue) -> None:
    output, _ = await judged(at, citation)
    assert output["citations"] == []
    assert isinstance(output["struck"], list) and len(output["struck"]) == 1


async def test_refuses_the_answer_where_the_document_orders_it(at: Desk) -> None:
    at.so_far.given = {"citations": "fail"}
    good = {"source": "K1", "quote": "eat nectar and pollen."}
    assert (await judged(at, good))[1] is None
    _, remark = await judged(at, good, {"source": "K9", "quote": "Bees live on soup."})
    assert remark is not None and "'K9'" in remark and "no tool has brought" in remark
    assert "cites nothing" in str((await judged(at))[1])


def test_places_count_the_characters_of_the_text() -> None:
    text = "  A\t\n quick\u00a0brown  fox. "
    found = place_of("A quick brown", text)
    assert found is not None
    assert text[found.start : found.end] == "A\t\n quick\u00a0brown"
    assert place_of("A quick red", text) is None
