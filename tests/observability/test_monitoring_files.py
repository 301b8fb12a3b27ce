"""The files that watch the platform: current, complete, and each alert fires and has a runbook."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from flowloom_contracts.topics import AppId
from scripts.checks.compose import compose_services
from scripts.checks.tree import Tree
from scripts.monitoring.__main__ import DASHBOARDS, files
from scripts.monitoring.alerts import Alert
from scripts.monitoring.rules import GROUPS, RECORDED, RECORDED_SELDOM, RUNBOOKS
from tests.observability.programs import RULES, program
from tests.observability.promql import metrics_in

ROOT = Path(__file__).resolve().parents[2]
MONITORING = ROOT / "monitoring"
ALERTS = [alert for alerts in GROUPS.values() for alert in alerts]
OF_EXPORTER = {
    f"flowloom_{name}"
    for name in (
        "table_size_bytes",
        "table_dead_rows",
        "table_live_rows",
        "vector_index_size_bytes",
        "vector_index_scans",
    )
}
"""What monitoring/postgres/queries.yml makes of Postgres."""

PARTS_OF_RUNBOOK = ("## What it means", "## Look", "## Do")


def run(*command: str, cwd: Path = RULES) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=110, check=False)


@pytest.mark.parametrize("path", sorted(files()))
def test_what_is_committed_is_what_is_generated(path: str) -> None:
    committed = (MONITORING / path).read_text(encoding="utf-8")
    assert committed == files()[path], "run `make monitoring`"


def test_no_dashboard_is_left_over() -> None:
    present = {path.name for path in (MONITORING / "grafana" / "dashboards").iterdir()}
    assert present == {f"{dashboard.uid}.json" for dashboard in DASHBOARDS}
    assert len(present) >= 9


def test_each_alert_has_a_name_of_its_own() -> None:
    names = [alert.name for alert in ALERTS]
    assert len(names) == len(set(names)) >= 25


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_each_alert_has_a_runbook(alert: Alert) -> None:
    text = (ROOT / RUNBOOKS / alert.runbook).read_text(encoding="utf-8")
    assert text.startswith(f"# {alert.name}\n")
    assert all(part in text for part in PARTS_OF_RUNBOOK)


def test_no_runbook_is_left_over() -> None:
    present = {path.name for path in (ROOT / RUNBOOKS).iterdir()}
    assert present == {alert.runbook for alert in ALERTS} | {"README.md"}


def test_panels_fill_their_rows_without_overlapping() -> None:
    for dashboard in DASHBOARDS:
        page = json.loads((MONITORING / "grafana" / "dashboards" / f"{dashboard.uid}.json").read_text())
        taken: set[tuple[int, int]] = set()
        for panel in page["panels"]:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert place["x"] + place["w"] <= 24
            assert not taken & cells, (dashboard.uid, panel["title"])
            taken |= cells


def told_by_services() -> set[str]:
    """Return the names under which the code of the services tells its own metrics."""
    made = re.compile(r"(Counter|Gauge|Histogram)\(\s*\"(flowloom_[a-z_]+)\"")
    found: set[str] = set()
    for path in (*ROOT.glob("packages/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")):
        for kind, name in made.findall(path.read_text(encoding="utf-8")):
            found |= {f"{name}_bucket", f"{name}_count"} if kind == "Histogram" else {name}
    return found


def test_what_is_asked_for_is_told_and_what_is_told_is_shown() -> None:
    told = told_by_services()
    shown = {
        name
        for dashboard in DASHBOARDS
        for panel in dashboard.panels
        for query in panel.queries
        for name in metrics_in(query.expr)
    }
    recorded = {**RECORDED, **RECORDED_SELDOM}
    asked = shown.union(*(metrics_in(expr) for expr in (*recorded.values(), *(a.expr for a in ALERTS))))
    ours = {name for name in asked if name.startswith("flowloom_")} - OF_EXPORTER
    assert ours - told == set(), "nobody tells these"
    assert {name.removesuffix("_count") for name in told - asked if not name.endswith("_bucket")} <= {
        name.removesuffix("_bucket") for name in asked
    }, "nobody looks at these"
    assert {name for name in shown if ":" in name} <= set(recorded)


def test_every_service_is_read() -> None:
    configuration = yaml.safe_load((MONITORING / "prometheus" / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in configuration["scrape_configs"]}
    names = {job: {target.split(":")[0] for target in targets} for job, targets in jobs.items()}
    assert names["flowloom"] == names["dapr"] == {str(app_id) for app_id in AppId}
    assert names["dapr-control-plane"] == {"placement", "scheduler", "sentry"}
    assert {"postgres", "redis", "kong"} <= set(names)


def test_what_watches_finds_its_parts_in_the_containers() -> None:
    names = set(compose_services(Tree(ROOT)))
    for path in (path for path in MONITORING.rglob("*") if path.suffix in {".yml", ".yaml", ".alloy"}):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".alloy":
            yaml.safe_load(text)
        hosts = set(re.findall(r"(?:http://|endpoint: |smarthost: )([a-z][a-z-]+):[0-9]+", text))
        assert hosts <= names, path
    compose = ROOT / "deploy" / "compose"
    mounted = "".join((compose / name).read_text(encoding="utf-8") for name in ("monitoring.yml", "elk.yml"))
    paths = re.findall(r"\./(monitoring/[^:\"]+):", mounted)
    assert len(paths) >= 11
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_each_alert_fires_when_it_should() -> None:
    done = run(program("promtool"), "test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_configuration() -> None:
    done = run(program("promtool"), "check", "config", "--syntax-only", "prometheus.yml", cwd=RULES.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"), [("severity=page", "on-call"), ("severity=ticket", "team"), ("", "team")]
)
def test_alerts_reach_those_who_are_meant(labels: str, receiver: str) -> None:
    folder = MONITORING / "alertmanager"
    checked = run(program("amtool"), "check-config", "alertmanager.yml", cwd=folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    command = [program("amtool"), "config", "routes", "test", "--config.file=alertmanager.yml"]
    routed = run(*command, *labels.split(), cwd=folder)
    assert routed.stdout.strip() == receiver


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('sum by (le, job) (rate(a_total{x="b"}[5m])) / max(c)', {"a_total", "c"}),
        ("a > 0 and on (x) b:c:d unless e", {"a", "b:c:d", "e"}),
        ('absent(up{job="flowloom"})', {"up"}),
    ],
)
def test_metrics_of_a_query_are_found(query: str, names: set[str]) -> None:
    assert metrics_in(query) == names
