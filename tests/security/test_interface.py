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
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
)
"""All but two. `positive_data_acceptance` asks a schema for what no schema can say: whether a name is taken,
a cursor is ours. For `object_level_authorization` `test_across_workspaces.py` has two tenants.
"""

# A body that is too large (413) or meant for another state (412) is refused before anybody reads it.
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]
"""

# The stream has no end, a page of events may be waited for, and the others end the attempt's own session.
LEFT_OUT = (
    "stream_run_events",
    "list_run_events",
    "log_out",
    "end_other_sessions",
    "leave_workspace",
    "switch_workspace",
)


@pytest.mark.timeout(500)
@pytest.mark.parametrize("phases", ["examples,coverage", "fuzzing,stateful"])
async def test_s26_nothing_breaks_drifts_or_takes_long(phases: str, tmp_path: Path) -> None:
    async with gateway_with(rates=MANY) as gateway, listening(gateway) as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            await sign_in(client)
            token = client.headers["authorization"]
        config = tmp_path / "schemathesis.toml"
        config.write_text(CONFIG)
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", "--no-color"),
            f"{server.url}/v1/openapi.json",
            *("--header", f"Authorization: {token}", "--phases", phases, "--checks", ",".join(CHECKS)),
            *("--max-response-time", str(MAX_SECONDS), "--max-examples", "8", "--seed", "26", "--no-shrink"),
            *("--continue-on-failure", "--generation-database", "none", "--suppress-health-check", "all"),
            *(part for name in LEFT_OUT for part in ("--exclude-operation-id", name)),
        ]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        async with httpx.AsyncClient(base_url=server.url, headers={"authorization": token}) as client:
            still = (await client.get("/v1/me")).status_code
    said = output.decode(errors="replace")
    tried = re.search(r"(\d+) generated", said)
    assert process.returncode == 0, said[-6_000:]
    assert still == 200, "the attempt ended its own session, and tried the rest as nobody"
    assert tried is not None and int(tried[1]) > 300
