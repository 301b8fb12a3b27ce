"""What is rendered for the parts: nothing secret on a command line, nothing foreign in an environment."""

import sys
from pathlib import Path

import pytest
import yaml

from flowloom_cli import checkout, environment
from flowloom_cli.blueprint import Blueprint, Site, draw
from flowloom_cli.errors import MissingBinaryError
from flowloom_cli.parts import dapr_binaries
from flowloom_cli.parts.dapr import DaprBinaries
from flowloom_cli.parts.kong import SETTINGS, find_kong, render
from flowloom_cli.secrets import Secrets, ensure_keys, load_or_create
from flowloom_cli.topology import APP_IDS, Topology, sidecar

BINARIES = DaprBinaries(*(Path("/bin", name) for name in ("daprd", "placement", "scheduler", "sentry")))


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
    hidden = [
        secrets.postgres,
        secrets.edge,
        *secrets.redis_users.values(),
        secrets.setup_token,
        *secrets.roles.values(),
    ]
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
    # Sidecars without certificates cannot tell who calls them.
    assert set(rendered) == {path.name for path in source.iterdir()} - {"workflow-access.yaml"}
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


def test_leaves_rules_about_callers_out_where_sidecars_have_no_identity(
    blueprint: Blueprint, tmp_path: Path
) -> None:
    rendered = yaml.safe_load((tmp_path / "dapr" / "configuration" / "memory.yaml").read_text())
    source = yaml.safe_load((checkout.root() / "dapr" / "configuration" / "memory.yaml").read_text())
    assert source["spec"].pop("accessControl")["defaultAction"] == "deny"
    assert rendered == source
    assert "sentry" not in {part.name for part in blueprint.parts}


def test_gives_sidecars_and_control_plane_an_identity_with_mtls(tmp_path: Path, secrets: Secrets) -> None:
    blueprint = draw(Site(tmp_path, Topology(19000, 19020), APP_IDS, secrets, {}, mtls=True), BINARIES)
    parts = {part.name: part for part in blueprint.parts}
    assert (tmp_path / "dapr" / "components" / "workflow-access.yaml").exists()
    assert "accessControl" in (tmp_path / "dapr" / "configuration" / "memory.yaml").read_text()
    for name in ("placement", "scheduler", *(sidecar(app_id) for app_id in APP_IDS)):
        assert "sentry" in parts[name].needs
        token = Path(parts[name].env["DAPR_SENTRY_TOKEN_FILE"])
        assert token.stat().st_mode & 0o777 == 0o600
        assert "BEGIN CERTIFICATE" in parts[name].env["DAPR_TRUST_ANCHORS"]
    tokens = {part.env.get("DAPR_SENTRY_TOKEN_FILE") for part in blueprint.parts} - {None}
    assert len(tokens) == 2 + len(APP_IDS)
    assert "--tls-enabled=true" in parts["placement"].command
    assert "--enable-mtls=true" in parts["memory-dapr"].command


def test_puts_kong_in_front_where_it_is_found(tmp_path: Path, secrets: Secrets) -> None:
    ensure_keys(tmp_path / "keys")
    topology = Topology(19000, 19500, edge=True)
    site = Site(tmp_path, topology, APP_IDS, secrets, {}, kong=Path("/usr/bin/kong"))
    blueprint = draw(site, BINARIES)
    parts = {part.name: part for part in blueprint.parts}
    kong, gateway = parts["kong"], parts["gateway"]
    assert kong.env["KONG_PROXY_LISTEN"] == "127.0.0.1:19500"
    assert kong.env["KONG_STATUS_LISTEN"].startswith("127.0.0.1:")
    assert gateway.port == topology.behind_edge
    assert gateway.env["FLOWLOOM_EDGE_SECRET"] == secrets.edge
    assert secrets.edge not in [*kong.env.values(), *parts["orchestrator"].env.values()]
    render(tmp_path, topology, secret=secrets.edge)
    written = tmp_path / "kong" / "kong.yml"
    assert written.stat().st_mode & 0o777 == 0o600
    assert f"127.0.0.1:{topology.behind_edge}" in written.read_text()


def test_the_edge_is_closed_up_as_in_containers() -> None:
    compose = yaml.safe_load((checkout.root() / "deploy" / "compose" / "kong.yml").read_text())
    there = compose["services"]["kong"]["environment"]
    assert {name: there[name] for name in SETTINGS} == SETTINGS


def test_says_what_is_missing_where_an_edge_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_kong("auto") is None
    assert find_kong("none") is None
    with pytest.raises(MissingBinaryError, match="no kong on PATH"):
        find_kong("kong")


def test_the_model_burns_no_processor_while_it_waits(blueprint: Blueprint) -> None:
    (model,) = [part for part in blueprint.parts if part.name == "model"]
    assert model.env["GOMP_SPINCOUNT"] == "0"


def test_set_up_is_told_where_the_dapr_programs_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "dapr.folder"
    monkeypatch.setattr(dapr_binaries, "obtain", lambda *_, **__: BINARIES)
    monkeypatch.setattr(sys, "argv", ["dapr_binaries", str(told)])
    assert dapr_binaries.main() == 0
    assert told.read_text() == "/bin"
