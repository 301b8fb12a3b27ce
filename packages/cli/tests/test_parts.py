"""What is rendered for the parts: nothing secret on a command line, nothing foreign in an environment."""

from pathlib import Path

import pytest

from flowloom_cli import checkout, environment
from flowloom_cli.blueprint import Blueprint, Site, draw
from flowloom_cli.parts.dapr import DaprBinaries
from flowloom_cli.secrets import Secrets, load_or_create
from flowloom_cli.topology import APP_IDS, Topology

BINARIES = DaprBinaries(Path("/bin/daprd"), Path("/bin/placement"), Path("/bin/scheduler"))


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return load_or_create(tmp_path)


@pytest.fixture
def blueprint(tmp_path: Path, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> Blueprint:
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-children")
    monkeypatch.setenv("FLOWLOOM_API_KEY", "not-for-children")
    monkeypatch.delenv("FLOWLOOM_MODEL_BASE_URL", raising=False)
    return draw(Site(tmp_path, Topology(19000, 19020), APP_IDS, secrets, {}), BINARIES)


def test_puts_no_secret_on_a_command_line(blueprint: Blueprint, secrets: Secrets) -> None:
    hidden = [secrets.postgres, secrets.redis, secrets.setup_token, *secrets.roles.values()]
    hidden += [*secrets.dapr_api_tokens.values(), *secrets.app_api_tokens.values()]
    words = " ".join(word for part in blueprint.parts for word in part.command)
    assert not [secret for secret in hidden if secret in words]


def test_gives_each_service_only_what_is_its_own(blueprint: Blueprint, secrets: Secrets) -> None:
    environments = {part.name: dict(part.env) for part in blueprint.parts}
    assert not [name for name, env in environments.items() if "not-for-children" in env.values()]
    for app_id in APP_IDS:
        env = environments[app_id]
        assert env["APP_API_TOKEN"] == environments[f"{app_id}-dapr"]["APP_API_TOKEN"]
        databases = [name for name in env if name.endswith("_DATABASE_URL")]
        expected = (
            [f"FLOWLOOM_{app_id.upper()}_DATABASE_URL"]
            if app_id in ("gateway", "orchestrator", "memory")
            else []
        )
        assert databases == expected
        assert (secrets.setup_token in env.values()) == (app_id == "gateway")


def test_listens_on_the_loopback_address_only(blueprint: Blueprint) -> None:
    sidecars = [part for part in blueprint.parts if part.name.endswith("-dapr")]
    assert len(sidecars) == len(APP_IDS)
    for part in sidecars:
        addresses = [word for word in part.command if "listen-address" in word]
        assert len(addresses) == 3
        assert all(word.endswith("=127.0.0.1") for word in addresses)


def test_renders_the_components_of_the_repository(blueprint: Blueprint, tmp_path: Path) -> None:
    rendered = {path.name: path.read_text() for path in (tmp_path / "dapr" / "components").iterdir()}
    source = checkout.root() / "dapr" / "components"
    assert set(rendered) == {path.name for path in source.iterdir()}
    assert str(tmp_path / "dapr" / "secrets.json") in rendered["secrets.yaml"]
    assert (tmp_path / "dapr" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert blueprint.steps


def test_leaves_the_model_to_a_named_endpoint(tmp_path: Path, secrets: Secrets) -> None:
    overrides = {"FLOWLOOM_MODEL_BASE_URL": "http://127.0.0.1:1/v1", "FLOWLOOM_MODEL_NAME": "mock"}
    blueprint = draw(Site(tmp_path, Topology(19000, 19020), APP_IDS, secrets, overrides), BINARIES)
    environments = {part.name: part.env for part in blueprint.parts}
    assert "model" not in environments
    assert environments["agent-qa"]["FLOWLOOM_MODEL_NAME"] == "mock"


def test_children_write_only_below_the_home(tmp_path: Path) -> None:
    env = environment.of_services(tmp_path, {})
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "CREWAI_STORAGE_DIR"):
        assert Path(env[name]).is_relative_to(tmp_path)
