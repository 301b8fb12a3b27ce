"""Runs one program in a fresh session of the interpreter and says what became of it."""

import resource
import time
from dataclasses import dataclass
from typing import Final, NoReturn

from pydantic_monty import (
    Monty,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
    OSPolicy,
    ResourceLimits,
)

from flowloom_sandboxkit.frames import Answer, Outcome, Question
from flowloom_sandboxkit.source import ALLOWED_MODULES, RESULT, CodeProblem, Program, prepare

MAX_MESSAGE_CHARS: Final = 1_000
CPU_SLACK_S: Final = 3
ADDRESS_SPACE_BASE: Final = 512 * 1024 * 1024
TO_JSON: Final = f"import json as _flowloom_json\n_flowloom_json.dumps({RESULT}, ensure_ascii=False)"
NO_CLOCK: Final[OSPolicy] = {
    "datetime": "call_host",
    "timezone": "utc",
    "sleep": "zero",
    "process_time": "zero",
    "random_start": {"seed": 0},
}
"""A replayed step must find the same world: no time passes, chance begins at the same place."""


@dataclass(frozen=True)
class Ended:
    """What became of a program."""

    outcome: Outcome
    message: str = ""
    line: int | None = None
    column: int | None = None
    value: bytes = b""
    spent: bool = False


class Printed:
    """Keeps the beginning of what a program prints."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._parts: list[str] = []
        self._cut = False

    def __call__(self, _stream: str, text: str) -> None:
        if len(text) > self._left:
            self._cut = True
            text = text[: self._left]
        if text:
            self._left -= len(text)
            self._parts.append(text)

    def text(self) -> str:
        """Return what was kept, and say when there was more."""
        return "".join(self._parts) + ("\n… (more was printed)" if self._cut else "")


def answer(pool: Monty, question: Question, inputs: dict[str, object]) -> tuple[Answer, bytes]:
    """Run the program of a question; never raises for what the program does."""
    printed = Printed(question["max_printed_chars"])
    ended = _run(pool, question, inputs, printed)
    reply = Answer(
        id=question["id"],
        outcome=ended.outcome,
        message=ended.message[:MAX_MESSAGE_CHARS],
        line=ended.line,
        column=ended.column,
        printed=printed.text(),
        spent=ended.spent,
    )
    return reply, ended.value


def _run(pool: Monty, question: Question, inputs: dict[str, object], printed: Printed) -> Ended:
    program = prepare(question["source"])
    if not isinstance(program, Program):
        return _not_a_program(program[0])
    limits = ResourceLimits(
        max_feed_duration_secs=question["time_s"], max_memory=question["memory_bytes"], max_suspensions=1000
    )
    try:
        with pool.checkout(
            limits=limits, os_policy=NO_CLOCK, script_name="code", assert_message_annotations=False
        ) as session:
            _limit_worker(session, question)
            try:
                session.feed_run(program.text, inputs=inputs, print_callback=printed, os=_no_world)
            except (MontyRuntimeError, MontySyntaxError) as error:
                return _failure(error, program, question)
            return _value(session, program, question)
    except MontyCrashedError as error:
        return Ended("crashed", f"The program broke its interpreter ({error}).", spent=True)
    except MontyError as error:
        return Ended("error", str(error), spent=True)


def _value(session: MontySession, program: Program, question: Question) -> Ended:
    """Have the interpreter itself write the value as JSON, so that only text ever leaves it."""
    if not program.has_value:
        return Ended("value", value=b"null")
    try:
        text = session.feed_run(TO_JSON, print_callback=_discard, os=_no_world)
    except MontyRuntimeError as error:
        ended = _failure(error, program, question)
        if ended.outcome != "error":
            return ended
        return Ended("unfit", _not_json(ended.message), program.value_line, program.value_column)
    value = text.encode() if isinstance(text, str) else b""
    if len(value) > question["max_result_bytes"]:
        message = f"The value has {len(value):,} bytes as JSON; {question['max_result_bytes']:,} are allowed."
        return Ended("unfit", message, program.value_line, program.value_column)
    return Ended("value", value=value)


def _not_json(message: str) -> str:
    _, _, text = message.partition(": ")
    if text.startswith("Object of type"):
        kind = text.removeprefix("Object of type ").removesuffix(" is not JSON serializable")
        return f"The value holds a {kind}, which is not JSON: {ADVICE.get(kind, OTHERWISE)}."
    if "ircular" in text:
        return "The value contains itself: return a part of it."
    if "recursion" in text:
        return "The value is nested too deeply: flatten it."
    return f"The value is not JSON: {text or message}."


OTHERWISE: Final = "turn it into text, numbers, lists or dictionaries"
ADVICE: Final = {
    **dict.fromkeys(
        ("set", "frozenset", "range", "deque", "dict_keys", "dict_values", "dict_items"), "use list(...)"
    ),
    **dict.fromkeys(("date", "datetime", "time"), "use .isoformat()"),
    "bytes": "use .decode(), or base64",
    "Decimal": "use str(...) or float(...)",
    "function": "call it",
    "coroutine": "await it",
}


def _failure(error: MontyRuntimeError | MontySyntaxError, program: Program, question: Question) -> Ended:
    message = _short(error)
    kind, _, text = message.partition(": ")
    if kind == "TimeoutError" and text.startswith(("feed time limit", "turn time limit")):
        return Ended("timeout", f"The program ran longer than {question['time_s']:g} s.", spent=True)
    if kind == "MemoryError":
        used = f"more than {question['memory_bytes'] // 1024:,} KiB of memory"
        return Ended("memory", f"The program needed {used}.", spent=True)
    if kind == "NotImplementedError" and "monty syntax parser" in text:
        message = f"A code step does not support {text.rpartition('yet support ')[2]}."
    if kind == "ModuleNotFoundError":
        message = f"{text}. A code step may import {', '.join(sorted(ALLOWED_MODULES))}."
    line, column = _place(error, program)
    return Ended("error", message, line, column)


def _short(error: MontyRuntimeError | MontySyntaxError) -> str:
    text = error.display("type-msg")
    return text if len(text) <= MAX_MESSAGE_CHARS else text[: MAX_MESSAGE_CHARS - 1] + "…"


def _place(error: MontyRuntimeError | MontySyntaxError, program: Program) -> tuple[int | None, int | None]:
    for frame in reversed(error.traceback()):
        if frame.filename != "<string>":
            return frame.line, program.column_in_source(frame.line, frame.column)
    return None, None


def _not_a_program(problem: CodeProblem) -> Ended:
    outcome: Outcome = "refused" if problem.reason == "import" else "error"
    prefix = "SyntaxError: " if problem.reason == "syntax" else ""
    return Ended(outcome, prefix + problem.message, problem.line, problem.column)


def _limit_worker(session: MontySession, question: Question) -> None:
    """Put the kernel's limits behind the interpreter's own: address space, and processor time from now on."""
    pid = session.worker_pid
    if pid is None:
        return
    memory = ADDRESS_SPACE_BASE + 2 * question["memory_bytes"]
    _, most = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (memory if most < 0 else min(memory, most), most))
    # The clock of another process's processor time, as clock_getcpuclockid(3) makes it.
    used = time.clock_gettime((~pid << 3) | 2)
    seconds = int(used + question["time_s"]) + CPU_SLACK_S
    resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _no_world(*, name: str, **_others: object) -> NoReturn:
    raise PermissionError(
        f"{name} is not available: a code step has no files, no environment and no clock. "
        "Pass what it needs in `with`."
    )


def _discard(_stream: str, _text: str) -> None:
    """Take what printing while the value is written would say."""
