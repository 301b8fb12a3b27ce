"""A review of a file is one of what is in it, not of what anybody says about it."""

import pytest

from agent_qa.orders import Orders
from agent_qa.tools import check_assertion, check_schema_of
from agent_qa.verdict import ComputedVerdict
from flowloom_agentkit.reach import StepSoFar
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.files import InMemoryFiles
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject

PRAISE: JsonObject = {"criteria": [{"name": "Fit", "score": 5, "reason": "Perfect."}], "verdict": "pass"}
SHAPE: JsonObject = {
    "type": "object",
    "required": ["price"],
    "properties": {"price": {"type": "number", "exclusiveMinimum": 0}},
}


def over(files: dict[str, bytes], **given: object) -> ToolContext:
    orders: JsonObject = dict(given)  # type: ignore[arg-type]  # plain JSON
    return tool_context(files=InMemoryFiles(files), so_far=StepSoFar(given=orders))


async def verdict_on(content: bytes | None, path: str = "p.json", **given: object) -> tuple[str, list[str]]:
    """Return the verdict of a reviewer who praises everything, and the checks that failed."""
    files = {} if content is None else {path: content}
    found = await ComputedVerdict().judge(PRAISE, over(files, file=path, **given))
    assert found.remark is None
    checks = found.output["checks"]
    assert isinstance(checks, list)
    failed = [str(one["check"]) for one in checks if isinstance(one, dict) and not one["passed"]]
    return str(found.output["verdict"]), failed


async def test_a_good_file_passes() -> None:
    assert await verdict_on(b'{"price": 3}', schema=SHAPE, **{"assert": ["value.price < 5"]}) == ("pass", [])
    text = await verdict_on("Größe: 3\n".encode(), "notes.md", **{"assert": ["value.contains('Größe')"]})
    assert text == ("pass", [])


@pytest.mark.parametrize(
    ("content", "failed"),
    [
        (None, ["file p.json", "schema"]),
        (b"", ["file p.json", "schema"]),
        (b'{"price": 3', ["file p.json", "schema"]),
        (b"\xff\xfe\x00", ["file p.json", "schema"]),
        (b"[" * 100_000, ["file p.json", "schema"]),
        (b'{"price": -3}', ["schema"]),
        (b'"price"', ["schema"]),
    ],
)
async def test_praise_does_not_pass_a_bad_file(content: bytes | None, failed: list[str]) -> None:
    assert await verdict_on(content, schema=SHAPE) == ("fail", failed)


async def test_a_missing_file_fails_where_nothing_else_is_checked() -> None:
    assert await verdict_on(None) == ("fail", ["file p.json"])


async def test_tools_look_into_the_file_of_the_step() -> None:
    ctx = over({"p.json": b'{"price": 3}'}, file="p.json", schema=SHAPE)
    shape = await check_schema_of.call(ctx, {})
    assert isinstance(shape, dict) and shape["passed"] is True
    wrong = await check_assertion.call(ctx, {"condition": "value.price > 3"})
    assert isinstance(wrong, dict) and wrong["passed"] is False


@pytest.mark.parametrize("path", ["../etc/passwd", "/etc/passwd", "a//b"])
def test_a_path_leads_nowhere_else(path: str) -> None:
    with pytest.raises(ValueError, match="file"):
        Orders.of({"file": path})


def test_one_thing_is_reviewed() -> None:
    with pytest.raises(ValueError, match="either `value` or `file`"):
        Orders.of({"file": "a.txt", "value": "x"})
