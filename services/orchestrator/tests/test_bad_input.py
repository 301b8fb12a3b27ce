"""Input at and beyond every limit: a clear problem or a right run; nothing crashes, hangs or grows."""

import json

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_contracts.runs import Run, RunStatus
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from flowloom_language.large_values import ref_of
from flowloom_servicekit.testing.outside import FakeInternet, answer, fake_server
from orchestrator.domain.errors import InvalidDocumentError
from orchestrator.testing.people import go_on
from orchestrator.testing.steps import FakeMemory, step_parts
from orchestrator.testing.world import World, a_world, workflow

LIMIT = 256 * 1024
JSON = "content-type: application/json\r\n"


async def ended(world: World, source: str, **inputs: JsonValue) -> Run:
    run = await world.start(source, inputs=dict(inputs))
    for _ in range(50):
        if await go_on(world, run):
            break
    return await world.get(run)


def codes(source: str) -> set[ProblemCode]:
    return {problem.code for problem in validate_document(source, THIS_BUILD).problems}


async def test_a_document_of_256_kib_runs_and_a_larger_one_is_told_so() -> None:
    head = workflow("a: {transform: 1}", rest="outputs: {a: '${steps.a.output}'}\n#")
    source = head + "# " + "x" * (LIMIT - len(head.encode()) - 2)
    assert len(source.encode()) == LIMIT
    async with a_world() as world:
        assert (await ended(world, source)).outputs == {"a": 1}
        with pytest.raises(InvalidDocumentError, match="the limit is 262144"):
            await world.start(source + "x")
    assert codes(source + "x") == {ProblemCode.TOO_LARGE}


async def test_a_thousand_steps_run_and_one_more_is_told_so() -> None:
    chain = [f"s{n}: {{transform: '${{steps.s{n - 1}.output + 1}}'}}" for n in range(1, 1_000)]
    rest = "outputs: {last: '${steps.s999.output}'}"
    async with a_world() as world:
        done = await ended(world, workflow("s0: {transform: 0}", *chain, rest=rest))
        assert (done.status, done.outputs) == (RunStatus.SUCCEEDED, {"last": 999})
    more = workflow("s0: {transform: 0}", *chain, "more: {transform: 1}", rest=rest)
    assert codes(more) == {ProblemCode.LIMIT_EXCEEDED}


async def test_more_than_ten_thousand_items_are_told_so() -> None:
    body = json.dumps([1] * 10_001).encode()
    async with fake_server(answer(200, body, JSON)) as server:
        parts = step_parts(internet=FakeInternet({"http://many.example": server}))
        async with a_world(parts=parts) as world:
            source = workflow(
                "s: {http: {method: GET, url: 'http://many.example/'}}",
                "each: {loop: {over: '${steps.s.output.body}'}, do: {t: {transform: 1}}}",
            )
            error = (await ended(world, source)).error
    assert error is not None
    assert (error.code, error.step) == ("loop_limit", "each")
    assert "10001 items" in error.message


async def test_a_tool_may_answer_with_ten_megabytes() -> None:
    memory = FakeMemory()
    memory.stored["big"] = ("ws-1", "facts", "t" * 10_000_000)
    async with a_world(parts=step_parts(memory=memory)) as world:
        source = workflow(
            "s: {tool: memory.search, with: {query: t, collection: facts, top: 1}}",
            rest="outputs: {found: '${steps.s.output}'}",
        )
        done = await ended(world, source)
    assert done.status is RunStatus.SUCCEEDED, done.error
    assert ref_of((done.outputs or {})["found"]) is not None


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"[Infinity]", b'{"a": 1e999}', b'{"a":', b"\xff\xfe{}"])
async def test_an_answer_that_is_no_json_is_a_clear_error(body: bytes) -> None:
    async with fake_server(answer(200, body, JSON)) as server:
        parts = step_parts(internet=FakeInternet({"http://odd.example": server}))
        async with a_world(parts=parts) as world:
            source = workflow("s: {http: {method: GET, url: 'http://odd.example/', parse: json}}")
            error = (await ended(world, source)).error
    assert error is not None
    assert (error.code, error.step) == ("invalid_output", "s")


@pytest.mark.parametrize(
    "expression", ["0 / 0", "1e308 * 10", "9007199254740991 + 1", "double('NaN')", "1 % 0"]
)
async def test_what_is_no_number_is_an_expression_error(expression: str) -> None:
    async with a_world() as world:
        error = (await ended(world, workflow(f's: {{transform: "${{{expression}}}"}}'))).error
    assert error is not None
    assert (error.code, error.step) == ("expression", "s")


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
async def test_emoji_tabs_and_line_ends_arrive_as_they_were_written(break_: str) -> None:
    source = workflow(
        's: {transform: {text: "a\\tb 😀 ${inputs.text}", size: "${size(inputs.text)}"}}',
        "t: {transform: 'tab\there'}",
        rest="inputs: {type: object, properties: {text: {type: string}}}\n"
        "outputs: {s: '${steps.s.output}', t: '${steps.t.output}'}",
    ).replace("\n", break_)
    text = "é👩‍👩‍👧\t\r\n\u2028\u0000"
    async with a_world() as world:
        done = await ended(world, source, text=text)
    assert done.outputs == {"s": {"text": f"a\tb 😀 {text}", "size": len(text)}, "t": "tab\there"}


def test_tabs_as_indents_are_a_problem_with_a_place() -> None:
    source = workflow("a: {transform: 1}").replace("  a:", "\ta:")
    [problem] = validate_document(source, THIS_BUILD).problems
    assert (problem.code, problem.line) == (
        ProblemCode.YAML_SYNTAX,
        source.splitlines().index("\ta: {transform: 1}") + 1,
    )


def test_an_alias_bomb_is_a_problem() -> None:
    lines = ["x0: &x0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 12)]
    source = (
        "apiVersion: flowloom/v1\nkind: Workflow\n" + "\n".join(lines) + "\nsteps: {a: {transform: *x11}}\n"
    )
    assert codes(source) == {ProblemCode.TOO_LARGE}
