"""What `make compose-secrets` writes is what the Compose files read, and nobody gets what is not theirs."""

from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from flowloom_contracts.topics import AppId
from scripts import compose_secrets

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy" / "compose"
PLACE = "deploy/compose/.secrets/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compose") / ".secrets"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose_secrets, "FOLDER", made)
        assert compose_secrets.main() == 0
        assert compose_secrets.main() == 0, "a second time too"
    return made


def files_read() -> set[str]:
    found: set[str] = set()
    for file in COMPOSE.glob("*.yml"):
        for service in (yaml.safe_load(file.read_text()).get("services") or {}).values():
            mounts = [str(volume).split(":")[0] for volume in service.get("volumes", [])]
            found |= {path.removeprefix("./") for path in (*mounts, service.get("env_file", ""))}
    return {path.removeprefix(PLACE) for path in found if path.startswith(PLACE)}


def test_writes_every_file_that_is_read(folder: Path) -> None:
    missing = [path for path in sorted(files_read()) if not (folder / path).exists()]
    assert missing == []


def test_a_sidecar_gets_its_identity_and_no_database(folder: Path) -> None:
    for app_id in AppId:
        values = dotenv_values(folder / f"{app_id}-dapr.env")
        assert set(values) == {
            "NAMESPACE",
            "DAPR_API_TOKEN",
            "APP_API_TOKEN",
            "DAPR_SENTRY_TOKEN_FILE",
            "DAPR_TRUST_ANCHORS",
        }
        assert values["DAPR_TRUST_ANCHORS"] == (folder / "trust" / "ca.crt").read_text()
        assert values["DAPR_API_TOKEN"] == dotenv_values(folder / f"{app_id}.env")["DAPR_API_TOKEN"]


def test_the_secrets_of_one_service_are_in_no_other_file(folder: Path) -> None:
    private = {app_id: (folder / "all-keys" / f"{app_id}.key.pem").read_text() for app_id in AppId}
    for app_id in AppId:
        given = "".join(path.read_text() for path in (folder / "keys" / app_id).iterdir())
        assert [other for other, key in private.items() if key in given] == [app_id]
        redis = str(dotenv_values(folder / f"{app_id}.env")["FLOWLOOM_REDIS_URL"])
        assert redis.startswith(f"redis://{app_id}:")
    edge = [path.name for path in (folder / "keys" / "edge").iterdir()]
    assert edge == ["gateway-access.pub.pem"]
    mounted = [path for path in files_read() if path.startswith("trust")]
    assert "trust/ca.key" not in mounted
    assert "trust" not in mounted
