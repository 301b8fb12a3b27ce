"""dapr.yaml runs the platform: seven apps with their sidecars beside stores that somebody else keeps up."""

from pathlib import Path

import httpx
import pytest

from flowloom_cli.owner import ensure_owner
from flowloom_cli.parts import dapr_binaries
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import load_or_create
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.supervisor import silent
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.run_file import DaprRun
from tests.integration.stack import Stack
from tests.integration.waiting import until

OTHER_PORTS = 24700


@pytest.mark.timeout(400)
async def test_a_run_is_carried_out_by_what_the_file_starts(
    stack: Stack, tmp_path: Path, *, key: str
) -> None:
    model = {
        "FLOWLOOM_MODEL_BASE_URL": f"{stack.mock.url}/v1",
        "FLOWLOOM_MODEL_NAME": "mock",
        "FLOWLOOM_MODEL_CONTEXT_TOKENS": "8192",
        "FLOWLOOM_FORBID_PROVIDER_CALLS": "1",
    }
    home = tmp_path / "home"
    stores = Platform(home, port_base=OTHER_PORTS, env=model, stores_only=True)
    await stores.start()
    try:
        assert not [name for name in stores.names if "gateway" in name]
        daprd = dapr_binaries.obtain(Settings.load(), silent, mtls=False).daprd
        started = DaprRun(home, stores.topology, daprd, env=model)
        try:
            await started.start()
            await _carry_out(stores.base_url, home, key)
        finally:
            await started.stop()
    finally:
        await stores.stop()


async def _carry_out(url: str, home: Path, key: str) -> None:
    async def is_ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{url}/readyz")).is_success

    await until(is_ready, within_s=90, what="/readyz")
    secrets = load_or_create(home)
    owner = await ensure_owner(
        home, base_url=url, setup_token=secrets.setup_token, password=secrets.owner_password
    )
    async with PublicApi(url, owner.api_key) as api:
        text = f'  talk: {{agent: research, prompt: "[[{key}/talk]]"}}\n'
        run = await api.start((await api.save(documents.document("by-the-file", text))).id, {"key": key})
        invariants.all_succeeded(await api.all_finished([run.id], within_s=120))
