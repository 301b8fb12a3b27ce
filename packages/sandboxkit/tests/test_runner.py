"""Programs as people write them, in real workers: values, errors and their line, limits, the pool's life."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable

import psutil
import pytest
import pytest_asyncio

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_sandboxkit.errors import (
    CodeError,
    CodeFailureError,
    CodeMemoryError,
    CodeRefusedError,
    CodeResultError,
    CodeTimeoutError,
    SandboxUnavailableError,
)
from flowloom_sandboxkit.runner import CodeRunner
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.source import MAX_SOURCE_CHARS
from flowloom_sandboxkit.tasks import CodeResult, CodeTask

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

MIB = 1024 * 1024
AMPLE_S = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[CodeRunner]:
    async with CodeRunner(SandboxSettings.model_validate({"max_printed_chars": 100})) as started:
        yield started


@pytest.mark.parametrize(
    ("source", "inputs", "value"),
    [
        ("1 + 1", {}, 2),
        ("x = 1", {}, None),
        ("", {}, None),
        ("# nothing\n", {}, None),
        ("[p * 2 for p in prices]", {"prices": [1, 2.5]}, [2, 5.0]),
        ("a = 1; b = 2; a + b", {}, 3),
        ("total = 0\nfor i in range(10):\n    total += i\ntotal", {}, 45),
        ("def f(x):\n    return {'n': x}\n\nf(n)\n", {"n": 3}, {"n": 3}),
        ("(\n  1,\n  'zwei'\n)", {}, [1, "zwei"]),
        ("text.upper() + '😀é\u2028'", {"text": "grün 🧵"}, "GRÜN 🧵😀é\u2028"),
        ("'é'; x", {"x": "ü"}, "ü"),
        ("x", {"x": {"deep": [{"er": None}], "": True}}, {"deep": [{"er": None}], "": True}),
        ("x", {"x": 2**53 - 1}, 2**53 - 1),
        ("-(2 ** 53 - 1)", {}, -(2**53 - 1)),
        ("1.0", {}, 1.0),
        ("{1: 'one'}", {}, {"1": "one"}),
        ("a = 1\r\na + 1\r\n", {}, 2),
        ("import json\njson.loads(text)['a']", {"text": '{"a": [1]}'}, [1]),
        ("import re\nre.findall(r'\\d+', 'a1b22')", {}, ["1", "22"]),
        ("from datetime import date\n(date(2026, 3, 1) - date(2026, 2, 1)).days", {}, 28),
        ("async def f():\n    return 5\nawait f()", {}, 5),
        ("_ = 3\n_", {}, 3),
        ("print('x') or 7", {}, 7),
        ("len(x)", {"x": "😀"}, 1),
    ],
)
async def test_gives_the_value_of_the_last_expression(
    runner: CodeRunner, source: str, inputs: JsonObject, value: JsonValue
) -> None:
    result = await runner.run(CodeTask(source, inputs, time_s=AMPLE_S))
    assert result.value == value
    assert type(result.value) is type(value)


@pytest.mark.parametrize(
    ("source", "kind", "line", "column", "text"),
    [
        ("x = 1\ny = x / 0", CodeError, 2, 5, "ZeroDivisionError: division by zero"),
        ("x = 1\n'é' + str(x / 0)", CodeError, 2, 11, "ZeroDivisionError"),
        ("def f():\n    raise ValueError('no price')\n\nf()", CodeError, 2, 11, "ValueError: no price"),
        ("prices['a']", CodeError, 1, 1, "KeyError"),
        ("nothing", CodeError, 1, 1, "NameError"),
        ("x = (1,\n", CodeError, 1, 5, "SyntaxError: '(' was never closed"),
        ("import math\nimport os", CodeRefusedError, 2, 1, "cannot import 'os'"),
        ("x = [1]\ndel x[0]", CodeError, 2, 1, "does not support the `del` statement"),
        ("x = 1\n{x}", CodeRefusedError, 2, 1, "holds a set, which is not JSON: use list(...)"),
        ("assert 1 == 2, 'odd'", CodeError, 1, 16, "AssertionError: odd"),
        ("open('a')", CodeError, 1, 1, "a code step has no files, no environment and no clock"),
    ],
)
async def test_says_what_is_wrong_and_where(
    runner: CodeRunner, source: str, kind: type[CodeError], line: int, *, column: int, text: str
) -> None:
    with pytest.raises(kind) as raised:
        await runner.run(CodeTask(source, {"prices": {}}, time_s=AMPLE_S))
    assert text in str(raised.value)
    assert str(raised.value).startswith(f"Line {line}: ")
    assert (raised.value.line, raised.value.column) == (line, column)


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"x": float("nan")}, "with.x is nan"),
        ({"x": [1, {"y": float("inf")}]}, "with.x[1].y is inf"),
        ({"x": 2**53}, "with.x is an integer beyond"),
        ({"x": "\ud83d"}, "with.x holds half of a surrogate pair"),
        ({"a-b": 1}, "'a-b' cannot be a name"),
        ({"_flowloom_result": 1}, "cannot be a name"),
        ({"x": "y" * 11 * MIB}, "10,485,760 are allowed"),
    ],
)
async def test_refuses_inputs_that_are_no_json(runner: CodeRunner, inputs: JsonObject, text: str) -> None:
    with pytest.raises(CodeRefusedError) as raised:
        await runner.run(CodeTask("1", inputs))
    assert text in str(raised.value)


async def test_refuses_inputs_that_are_nested_too_deeply(runner: CodeRunner) -> None:
    value: JsonValue = []
    for _ in range(200):
        value = [value]
    with pytest.raises(CodeRefusedError, match="deeper than 100"):
        await runner.run(CodeTask("1", {"x": value}))


async def test_each_failure_has_a_code_of_the_language(runner: CodeRunner) -> None:
    codes = {
        "1/0": "code_error",
        "import os": "code_error",
        "float('nan')": "invalid_output",
        "{1}": "invalid_output",
        "'x' * 10_485_760": "invalid_output",
        "while True: pass": "timeout",
        "[0] * 10**9": "code_error",
    }
    for source, code in codes.items():
        with pytest.raises(CodeFailureError) as raised:
            await runner.run(CodeTask(source, time_s=1.0))
        assert raised.value.code == code, source
    assert SandboxUnavailableError.code == "internal"


async def test_refuses_a_program_that_is_too_long(runner: CodeRunner) -> None:
    with pytest.raises(CodeRefusedError, match="65,536 are allowed"):
        await runner.run(CodeTask("#" * (MAX_SOURCE_CHARS + 1)))
    assert (await runner.run(CodeTask("#" * (MAX_SOURCE_CHARS - 2) + "\n1"))).value == 1


async def test_ten_megabytes_go_in_and_out(runner: CodeRunner) -> None:
    words: list[JsonValue] = ["é" * 500] * 10_000
    result = await runner.run(CodeTask("words", {"words": words}, time_s=AMPLE_S, memory_bytes=256 * MIB))
    assert result.value == words


async def test_many_small_values_go_in_and_out(runner: CodeRunner) -> None:
    task = CodeTask("sorted(xs)", {"xs": list(range(300_000, 0, -1))}, time_s=AMPLE_S, memory_bytes=256 * MIB)
    assert (await runner.run(task)).value == list(range(1, 300_001))


async def test_keeps_the_beginning_of_what_is_printed(runner: CodeRunner) -> None:
    assert await runner.run(CodeTask("print('one', 2)\n3")) == CodeResult(3, "one 2\n")
    printed = (await runner.run(CodeTask("for i in range(1000): print('0123456789')"))).printed
    assert printed.startswith("0123456789\n" * 9)
    assert printed.endswith("(more was printed)")
    assert len(printed) < 150
    with pytest.raises(CodeError) as raised:
        await runner.run(CodeTask("print('before')\n1/0"))
    assert raised.value.printed == "before\n"


async def test_nothing_is_left_for_the_next_program(runner: CodeRunner) -> None:
    await asyncio.gather(*(runner.run(CodeTask("secret = x", {"x": "s"})) for _ in range(6)))
    for _ in range(4):
        with pytest.raises(CodeError, match="NameError"):
            await runner.run(CodeTask("secret"))


async def test_the_same_program_finds_the_same_world(runner: CodeRunner) -> None:
    source = "hash_of = {}\nsorted({'b', 'a', 'c'}), [hash_of.get(i) for i in 'abc']"
    results = await asyncio.gather(*(runner.run(CodeTask(source)) for _ in range(6)))
    assert all(result == results[0] for result in results)


async def test_more_programs_than_workers_take_turns(runner: CodeRunner) -> None:
    results = await asyncio.gather(
        *(runner.run(CodeTask("n * n", {"n": n}, time_s=AMPLE_S)) for n in range(40))
    )
    assert [result.value for result in results] == [n * n for n in range(40)]


async def test_one_program_that_is_stopped_does_not_touch_the_others(runner: CodeRunner) -> None:
    tasks = [CodeTask("while True: pass", time_s=0.3), CodeTask("[0] * 10**9")]
    good = [CodeTask("sum(range(n))", {"n": n}, time_s=AMPLE_S) for n in range(20)]
    ends = await asyncio.gather(*(runner.run(task) for task in (*tasks, *good)), return_exceptions=True)
    assert [type(end) for end in ends[:2]] == [CodeTimeoutError, CodeMemoryError]
    assert ends[2:] == [CodeResult(sum(range(n))) for n in range(20)]


async def test_a_worker_killed_from_outside_is_replaced(runner: CodeRunner) -> None:
    await asyncio.gather(*(runner.run(CodeTask("1")) for _ in range(4)))
    interpreters = [p.pid for p in psutil.Process().children(recursive=True) if p.name() == "monty"]
    assert interpreters
    os.kill(interpreters[0], signal.SIGKILL)
    results = await asyncio.gather(*(runner.run(CodeTask("6 * 7", time_s=AMPLE_S)) for _ in range(6)))
    assert {result.value for result in results} == {42}


async def test_an_idle_worker_killed_from_outside_costs_nobody_a_program(
    newcomers: Callable[[], list[psutil.Process]],
) -> None:
    async with CodeRunner(SandboxSettings.model_validate({"workers": 1})) as pool:
        assert (await pool.run(CodeTask("1", time_s=AMPLE_S))).value == 1
        workers = [process for process in psutil.Process().children() if process in newcomers()]
        assert workers
        for process in workers:
            process.kill()
        for _ in range(3):
            assert (await pool.run(CodeTask("1", time_s=AMPLE_S))).value == 1


async def test_a_worker_is_renewed_after_its_number_of_programs(
    newcomers: Callable[[], list[psutil.Process]],
) -> None:
    settings = SandboxSettings.model_validate({"workers": 1, "tasks_per_worker": 3, "isolation": "process"})
    async with CodeRunner(settings) as pool:
        seen = set()
        for _ in range(9):
            assert (await pool.run(CodeTask("1", time_s=AMPLE_S))).value == 1
            seen |= {process.pid for process in newcomers()}
    assert len(seen) >= 6


async def test_a_task_cannot_have_more_than_the_pool_allows() -> None:
    settings = SandboxSettings.model_validate({"max_time_s": 0.3, "max_memory_bytes": 16 * MIB, "workers": 1})
    async with CodeRunner(settings) as pool:
        with pytest.raises(CodeTimeoutError):
            await pool.run(CodeTask("while True: pass", time_s=1000))
        with pytest.raises(CodeMemoryError, match="16,384 KiB"):
            await pool.run(CodeTask("x = 'a' * 40_000_000\nlen(x)", memory_bytes=1024 * MIB))
        with pytest.raises(CodeRefusedError, match="leaves no time"):
            await pool.run(CodeTask("1", time_s=0))


async def test_says_that_bubblewrap_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/does/not/exist")
    async with CodeRunner(SandboxSettings.model_validate({"isolation": "auto"})) as pool:
        assert pool.isolation.kind == "process"
        assert "`bwrap` is not installed" in pool.isolation.reason
        assert (await pool.run(CodeTask("1", time_s=AMPLE_S))).value == 1
    async with CodeRunner(SandboxSettings.model_validate({"isolation": "bubblewrap"})) as pool:
        assert pool.isolation.kind == "unavailable"
        with pytest.raises(SandboxUnavailableError, match="need bubblewrap here"):
            await pool.run(CodeTask("1"))


async def test_goes_on_without_a_bubblewrap_that_cannot_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bin")
    broken = folder / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    async with CodeRunner(SandboxSettings()) as pool:
        assert pool.isolation.kind == "process"
        assert "No permissions to create new namespace" in pool.isolation.reason
        assert (await pool.run(CodeTask("1", time_s=AMPLE_S))).value == 1


async def test_results_that_cannot_be_outputs_are_a_kind_of_refusal() -> None:
    assert issubclass(CodeResultError, CodeRefusedError)
