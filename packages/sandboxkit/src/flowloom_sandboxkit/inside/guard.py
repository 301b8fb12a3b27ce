"""The worker process: starts the interpreter, confines itself, then answers one question after the other."""

import json
import os
import resource
import sys
import time
from typing import Final

from pydantic_monty import Monty, __version__

from flowloom_sandboxkit.frames import LENGTH, MAX_HEADER_BYTES, Answer, GuardConfig, Question, Ready
from flowloom_sandboxkit.inside import confine
from flowloom_sandboxkit.inside.program import answer
from flowloom_sandboxkit.inside.syscalls import GUARD_RULES

OPEN_FILES: Final = 64
OWN_CPU_S: Final = 120
"""Processor time of the guard for one question; the interpreter's is counted apart."""


def main(config: GuardConfig) -> None:
    """Serve until the pool closes the pipe; leaves without ceremony, since everything it holds is memory."""
    questions, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # whatever a library prints goes to the log, not into the protocol
    if config["parent_pid"] is not None:
        confine.die_with_parent(config["parent_pid"])
    confine.no_new_privileges()
    pool = Monty(binary_path=config["monty"], min_processes=1, max_processes=1).__enter__()
    with pool.checkout() as session:
        if session.feed_run("6 * 7") != 42:
            raise RuntimeError("the interpreter cannot count")
    if config["nobody"] is not None:
        confine.become(config["nobody"])
    if config["parent_pid"] is not None:
        confine.die_with_parent(config["parent_pid"])
    # Only now: the interpreter's process has limits of its own.
    confine.limit_process(memory_bytes=config["guard_memory_bytes"], open_files=OPEN_FILES)
    landlock = confine.has_landlock()
    filtered = confine.filter_system_calls(GUARD_RULES)
    ready = Ready(ready=True, monty=__version__, seccomp=filtered, landlock=landlock)
    _write(answers, json.dumps(ready).encode())
    try:
        while _serve(pool, questions, answers, config["max_inputs_bytes"]):
            pass
    except (OSError, MemoryError, ValueError, RecursionError) as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode()[:500])
        os._exit(1)
    os._exit(0)


def _serve(pool: Monty, questions: int, answers: int, max_inputs_bytes: int) -> bool:
    header = _read(questions, MAX_HEADER_BYTES)
    if header is None:
        return False
    inputs = _read(questions, max_inputs_bytes)
    if inputs is None:
        return False
    spent = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + OWN_CPU_S, resource.RLIM_INFINITY))
    question: Question = json.loads(header)
    reply, value = answer(pool, question, json.loads(inputs))
    _reply(answers, reply, value)
    return not reply["spent"]


def _reply(answers: int, reply: Answer, value: bytes) -> None:
    _write(answers, json.dumps(reply).encode())
    _write(answers, value)


def _read(pipe: int, limit: int) -> bytes | None:
    """Return the next frame, None when the pool has closed the pipe."""
    head = _exactly(pipe, LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    length: int = LENGTH.unpack(head)[0]
    if length > limit:
        raise ValueError(f"a frame of {length} bytes is longer than {limit}")
    body = _exactly(pipe, length)
    return body if len(body) == length else None


def _exactly(pipe: int, length: int) -> bytes:
    parts: list[bytes] = []
    while length and (part := os.read(pipe, min(length, 1 << 20))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _write(pipe: int, body: bytes) -> None:
    rest = memoryview(LENGTH.pack(len(body)) + body)
    while rest:
        rest = rest[os.write(pipe, rest) :]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
