"""Runs a module of ours over bytes of strangers, in a process that has little and can be killed."""

import sys
from typing import Final

import orjson

from flowloom_agentkit.confinement import READ_SECONDS
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.turns import turn
from flowloom_contracts.base import JsonValue
from flowloom_servicekit.processes import TooMuchOutputError, answered

MOST_BYTES: Final = 8_000_000


async def run_confined(module: str, content: bytes, *, limit_s: float = READ_SECONDS) -> JsonValue:
    """Return the JSON that `python -m module` makes of its standard input.

    The module calls `confinement.confine` before it looks. Raises `ToolFailedError` when it takes too long or
    dies, which is how hostile content ends.
    """
    async with turn():
        try:
            code, output = await answered(
                (sys.executable, "-I", "-m", module), content, env={}, limit_s=limit_s, most_bytes=MOST_BYTES
            )
        except TimeoutError as error:
            raise ToolFailedError(f"reading took longer than {limit_s:g} s and was stopped") from error
        except TooMuchOutputError as error:
            raise ToolFailedError("the content has more text than one page may have") from error
    if code != 0:
        raise ToolFailedError("the content made its reader stop: it is damaged or hostile")
    value: JsonValue = orjson.loads(output)
    return value
