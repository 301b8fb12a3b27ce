"""dapr.yaml against what the supervisor starts: the same services, ports and limits."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from flowloom_cli import checkout, service_main
from flowloom_cli.blueprint import Site, draw
from flowloom_cli.errors import UsageError
from flowloom_cli.parts import run_file
from flowloom_cli.parts.dapr import DaprBinaries
from flowloom_cli.secrets import load_or_create
from flowloom_cli.settings import Settings
from flowloom_cli.topology import APP_IDS, Topology, sidecar
from flowloom_cli.upkeep import require_what_the_run_file_says
from tests.integration.run_file import FLAGS, apps

BINARIES: Final = DaprBinaries(
    *(Path("/bin", name) for name in ("daprd", "placement", "scheduler", "sentry"))
)
OF_CHECKOUT: Final = {"appDirPath", "command", "configFilePath", "resourcesPaths"}


def site(home: Path, *, stores_only: bool) -> Site:
    return Site(home, Topology(), APP_IDS, load_or_create(home), {}, stores_only=stores_only)


def test_every_service_is_in_the_run_file() -> None:
    assert tuple(apps()) == APP_IDS
    assert set(APP_IDS) == {path.name for path in (checkout.root() / "services").iterdir() if path.is_dir()}


@pytest.mark.parametrize("app_id", APP_IDS)
def test_a_sidecar_gets_what_the_supervisor_gives_it(app_id: str, tmp_path: Path) -> None:
    parts = {part.name: part for part in draw(site(tmp_path, stores_only=False), BINARIES).parts}
    given = dict(
        word.removeprefix("--").split("=", 1) for word in parts[sidecar(app_id)].command if "=" in word
    )
    app = apps()[app_id]
    assert {FLAGS[key]: str(value) for key, value in app.items() if key not in OF_CHECKOUT} == {
        flag: given[flag] for flag in FLAGS.values()
    }
    assert app["command"][1:] == ["-m", service_main.__name__, app_id]
    assert (checkout.root() / app["appDirPath"] / "src").is_dir()


@pytest.mark.parametrize("app_id", APP_IDS)
def test_what_the_run_file_reads_is_rendered_with_the_stores(app_id: str, tmp_path: Path) -> None:
    home = tmp_path / ".flowloom"
    home.mkdir()
    draw(site(home, stores_only=True), BINARIES)
    app = apps()[app_id]
    assert [(tmp_path / folder).is_dir() for folder in app["resourcesPaths"]] == [True]
    spec = yaml.safe_load((tmp_path / app["configFilePath"]).read_text())["spec"]
    assert spec["nameResolution"]["component"] == "sqlite"
    assert spec["api"]["allowed"]
    assert "accessControl" not in spec
    variables = home / run_file.VARIABLES
    assert variables.stat().st_mode & 0o777 == 0o600
    assert "export APP_API_TOKEN=" in variables.read_text()


def test_stores_alone_have_no_service_and_all_tables(tmp_path: Path) -> None:
    blueprint = draw(site(tmp_path, stores_only=True), BINARIES)
    names = {part.name for part in blueprint.parts}
    assert {"postgres", "valkey", "placement", "scheduler"} <= names
    assert not names & {*APP_IDS, *map(sidecar, APP_IDS)}
    assert {step.name for step in blueprint.steps} >= {"gateway tables", "orchestrator tables"}


def test_a_service_becomes_what_the_supervisor_would_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAPR_API_TOKEN", "shared-between-sidecars")
    monkeypatch.setenv("APP_API_TOKEN", "shared-between-services")
    settings = Settings(home=tmp_path)
    load_or_create(tmp_path)
    part = service_main.prepared("memory", settings)
    started = {part.name: part for part in draw(site(tmp_path, stores_only=False), BINARIES).parts}["memory"]
    assert (part.command, part.cwd) == (started.command, started.cwd)
    differing = {name for name, value in part.env.items() if started.env[name] != value}
    assert differing == {"DAPR_API_TOKEN", "APP_API_TOKEN"}
    assert part.env["APP_API_TOKEN"] == "shared-between-services"


def test_says_what_is_missing_before_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAPR_API_TOKEN", raising=False)
    monkeypatch.setenv("APP_API_TOKEN", "given")
    with pytest.raises(UsageError, match="no stores that memory could use") as refused:
        service_main.prepared("memory", Settings(home=tmp_path))
    assert "flowloom up --stores" in refused.value.hint
    load_or_create(tmp_path)
    with pytest.raises(UsageError, match="memory and its sidecar need DAPR_API_TOKEN"):
        service_main.prepared("memory", Settings(home=tmp_path))


def test_stores_are_only_where_the_run_file_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLOWLOOM_HOME", "FLOWLOOM_PORT", "FLOWLOOM_PORT_BASE", "FLOWLOOM_MTLS", "FLOWLOOM_PARTS"):
        monkeypatch.delenv(name, raising=False)
    require_what_the_run_file_says(Settings())
    with pytest.raises(UsageError, match="defaults of FLOWLOOM_PORT, FLOWLOOM_MTLS alone"):
        require_what_the_run_file_says(Settings(port=8081, mtls=True))
