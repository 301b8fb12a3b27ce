"""The protocol between the pool and a worker: frames of JSON text with their length in front.

A question is two frames (header, inputs), an answer two frames (header, value). Both sides know the longest
frame they accept, and neither ever unpickles.
"""

import struct
from typing import Final, Literal, TypedDict

LENGTH: Final = struct.Struct(">I")
MAX_HEADER_BYTES: Final = 1024 * 1024

Outcome = Literal["value", "error", "refused", "unfit", "timeout", "memory", "crashed"]
"""`refused` is about the program, `unfit` about its value."""


class Question(TypedDict):
    """What a worker is asked to run; the inputs follow as a frame of their own."""

    id: str
    source: str
    time_s: float
    memory_bytes: int
    max_result_bytes: int
    max_printed_chars: int


class Answer(TypedDict):
    """What became of a program; the value is the next frame, empty unless `outcome` is `value`."""

    id: str
    outcome: Outcome
    message: str
    line: int | None
    column: int | None
    printed: str
    spent: bool
    """The worker must not run another program."""


class Ready(TypedDict):
    """What a worker says once, when it is confined and can take its first question."""

    ready: bool
    monty: str
    seccomp: bool
    landlock: bool


class GuardConfig(TypedDict):
    """What a worker is told on its command line; None stands for what bubblewrap does itself."""

    monty: str
    parent_pid: int | None
    nobody: int | None
    guard_memory_bytes: int
    max_inputs_bytes: int
