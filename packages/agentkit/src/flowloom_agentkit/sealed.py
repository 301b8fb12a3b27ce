"""Asks a module of ours about what strangers wrote, in a process that is sealed, for one question only."""

import sys
from pathlib import Path
from typing import Final

import orjson

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.turns import turn
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_servicekit.processes import TooMuchOutputError, answered

LIMIT_S: Final = 30.0
MOST_ANSWER_BYTES: Final = 12_000_000


async def ask_sealed(
    module: str, question: JsonObject, content: bytes, *, limit_s: float = LIMIT_S
) -> JsonObject:
    """Return the JSON object that `python -m module` answers.

    It reads the question as one line, loads what that needs, seals itself (`flowloom_agentkit.sealing`), then
    reads the content. An object with `refused` says why not, and is raised as `ToolFailedError`; so is an
    end by signal or time.
    """
    async with turn():
        output = await _asked(module, orjson.dumps(question) + b"\n" + content, limit_s)
    answer: JsonValue = orjson.loads(output)
    if not isinstance(answer, dict):
        raise ToolFailedError("the worker said what no worker says")
    if isinstance(reason := answer.get("refused"), str):
        raise ToolFailedError(reason)
    return answer


async def _asked(module: str, whole: bytes, limit_s: float) -> bytes:
    env = {"HOME": str(Path.home()), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
    try:
        code, output = await answered(
            (sys.executable, "-I", "-m", module),
            whole,
            env=env,
            limit_s=limit_s,
            most_bytes=MOST_ANSWER_BYTES,
        )
    except TimeoutError as error:
        raise ToolFailedError(f"it took longer than {limit_s:g} s and was stopped: ask for less") from error
    except TooMuchOutputError as error:
        raise ToolFailedError("the answer is too large: ask for less") from error
    if code != 0:
        raise ToolFailedError("it needed more memory or time than there is, or is damaged: ask for less")
    return output
