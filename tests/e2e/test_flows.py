"""What people do in the browser, in Chromium against the whole platform."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.stack import ROOT, Stack

FLOWS = sorted(path.name for path in (ROOT / "frontend" / "e2e" / "real").glob("*.spec.ts"))
FRONTEND = [sys.executable, str(ROOT / "scripts" / "frontend.py")]
LIMIT_S = 500


@pytest.mark.parametrize("flow", FLOWS)
def test_flow(flow: str, stack: Stack) -> None:
    assert stack.platform.owner is not None
    env = {
        **os.environ,
        "FLOWLOOM_E2E_URL": stack.url,
        "FLOWLOOM_E2E_EMAIL": stack.platform.owner.email,
        "FLOWLOOM_E2E_PASSWORD": stack.platform.owner.password,
        "FLOWLOOM_E2E_KEY": stack.api_key,
        "FLOWLOOM_E2E_MODEL": stack.mock.url,
    }
    command = [*FRONTEND, "npm", "run", "--silent", "e2e-real", "--", flow]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert ran.returncode == 0, f"{ran.stdout[-6000:]}\n{ran.stderr[-2000:]}"


@pytest.fixture(scope="session", autouse=True)
def built_page() -> Path:
    """Build the page that the gateway serves, unless nothing changed since it was built."""
    subprocess.run([*FRONTEND, "build"], check=True)
    return ROOT / "frontend" / "dist"
