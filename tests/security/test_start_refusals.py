"""S15: a service whose secrets are missing, short or known ends before it listens, and says which it was."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr, ValidationError

from flowloom_contracts.topics import AppId
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.strong_secrets import fault_of
from gateway.testing.gateway import fake_settings
from orchestrator.settings import Settings as OrchestratorSettings

ADDRESS: Final = "postgresql+asyncpg://flowloom:7d1f0a9c3e5b8264@127.0.0.1:1/none"
GOOD: Final = {
    "FLOWLOOM_REDIS_URL": "redis://gateway:7d1f0a9c3e5b8264@127.0.0.1:1/0",
    "FLOWLOOM_MODEL_BASE_URL": "http://127.0.0.1:1/v1",
    "FLOWLOOM_MODEL_NAME": "none",
    "DAPR_API_TOKEN": "3f9a1c5e7b20d846aa17c3f0",
    "APP_API_TOKEN": "b84d06f2e91c7a353f9a1c5e",
}
MODULES: Final = {
    AppId.GATEWAY: "gateway",
    AppId.ORCHESTRATOR: "orchestrator",
    AppId.MEMORY: "memory",
    AppId.AGENT_QA: "agent_qa",
}
"""The four agents are one program."""

WEAK: Final = (
    "",
    "short",
    "changeme",
    "change-me-please",
    "x" * 40,
    "12345678901234567890",
    "your-secret-token-here",
)
KNOWN: Final = (
    "changemechangeme",
    "secretsecretsecret",
    "Change_This_Password_123",
    "SuperSecretPassword!",
    "my-app-token-example",
    "ababababababababab",
    "0" * 48,
    "postgrespostgres",
)


def _environment(app_id: AppId, home: Path, **changes: str | None) -> dict[str, str]:
    database = {f"FLOWLOOM_{app_id.upper()}_DATABASE_URL": ADDRESS} if app_id is not AppId.AGENT_QA else {}
    wanted = {**GOOD, **database, **changes, "FLOWLOOM_HOME": str(home), "PATH": os.environ["PATH"]}
    return {name: value for name, value in wanted.items() if value is not None}


def _ends(app_id: AppId, home: Path, **changes: str | None) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import {MODULES[app_id]}.main"],
        env=_environment(app_id, home, **changes),
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(300)
@pytest.mark.parametrize("app_id", MODULES)
def test_s15_a_process_ends_with_a_known_secret(app_id: AppId, tmp_path: Path) -> None:
    code, said = _ends(app_id, tmp_path, APP_API_TOKEN="changemechangeme", DAPR_API_TOKEN=None)
    assert code != 0
    assert "APP_API_TOKEN" in said and "DAPR_API_TOKEN" in said
    assert "changemechangeme" not in said.replace("is a word of an example", ""), "nothing of it is repeated"


@pytest.mark.parametrize("name", ["dapr_api_token", "app_api_token"])
@pytest.mark.parametrize("value", WEAK + KNOWN)
def test_s15_every_service_judges_the_tokens_of_its_sidecar(name: str, value: str) -> None:
    good = {
        "redis_url": SecretStr("redis://127.0.0.1/0"),
        "dapr_api_token": SecretStr(GOOD["DAPR_API_TOKEN"]),
        "app_api_token": SecretStr(GOOD["APP_API_TOKEN"]),
    }
    ServiceSettings.model_validate(good)
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate(good | {name: SecretStr(value)})


@pytest.mark.parametrize("name", ["setup_token", "edge_secret"])
@pytest.mark.parametrize("value", WEAK + KNOWN)
def test_s15_the_gateway_judges_what_lets_people_in(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        fake_settings(**{name: SecretStr(value)})


@pytest.mark.parametrize("password", ["postgres", "changeme", "123456", "Password1"])
def test_s15_a_store_with_a_known_password_is_not_opened(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OrchestratorSettings.model_validate(
            {
                "database_url": SecretStr(f"postgresql+asyncpg://flowloom:{password}@db/flowloom"),
                "redis_url": SecretStr("redis://x/0"),
                "dapr_api_token": SecretStr(GOOD["DAPR_API_TOKEN"]),
                "app_api_token": SecretStr(GOOD["APP_API_TOKEN"]),
            }
        )
    assert password not in str(refused.value)


def test_s15_what_is_generated_is_good_enough() -> None:
    for value in ("3f9a1c5e7b20d846aa17c3f0", "correct horse battery staple", "deadbeefcafe00112233"):
        assert fault_of(value) == ""
