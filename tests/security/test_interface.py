"""S26: the whole interface, tried from its own description: nothing breaks, drifts or takes long."""

import asyncio
import re
import sys
from pathlib import Path

import httpx
import pytest

from tests.security.gateways import gateway_with, listening, sign_in

MAX_SECONDS = 2
MANY = ", ".join(
    f"{name}=900000/second" for name in ("address", "hooks", "user", "workspace", "starts", "sockets")
)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
)
"""All but those that ask a schema for what no schema can say: whether a name is taken, a cursor is ours.

Nor the kind of an answer: a request line that cannot be read is answered by the server below the application.
"""

# The stream has no end, a page of events may be waited for, and the others end the attempt's own session.
LEFT_OUT = ("stream_run_events", "list_run_events", "log_out", "end_other_sessions", "leave_workspace")


@pytest.mark.timeout(500)
@pytest.mark.parametrize("phases", ["examples,coverage", "fuzzing,stateful"])
async def test_s26_nothing_breaks_drifts_or_takes_long(phases: str, tmp_path: Path) -> None:
    async with gateway_with(rates=MANY) as gateway, listening(gateway) as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            await sign_in(client)
            token = client.headers["authorization"]
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/v1/openapi.json", "--no-color"),
            *("--header", f"Authorization: {token}", "--phases", phases, "--checks", ",".join(CHECKS)),
            *("--max-response-time", str(MAX_SECONDS), "--max-examples", "8", "--seed", "26", "--no-shrink"),
            *("--continue-on-failure", "--generation-database", "none", "--suppress-health-check", "all"),
            *(part for name in LEFT_OUT for part in ("--exclude-operation-id", name)),
        ]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
    said = output.decode(errors="replace")
    tried = re.search(r"(\d+) generated", said)
    assert process.returncode == 0, said[-6_000:]
    assert tried is not None and int(tried[1]) > 300
