"""The Helm chart, rendered by the real Helm: complete against the repository, valid, and strict."""

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from scripts.go_tools import tool
from scripts.package_chart import CHART, package

ROOT: Final = Path(__file__).resolve().parents[2]
ANSWERS: Final = {
    "ingress": {"host": "flowloom.example"},
    "model": {"baseUrl": "https://models.example/v1", "name": "m"},
    "stores": {"postgres": {"cidrs": ["10.1.0.0/24"]}, "redis": {"cidrs": ["10.2.0.0/24"]}},
}
SIZES: Final = ("values.yaml", "values-small.yaml", "values-medium.yaml", "values-large.yaml")
EVERYTHING: Final = {
    "keda": {"enabled": True},
    "canary": True,
    "metrics": {"serviceMonitor": {"enabled": True}},
    "secrets": {"external": {"enabled": True, "store": {"name": "vault"}}},
    "otlpEndpoint": "http://collector:4318",
}
WORKLOADS: Final = ("Deployment", "StatefulSet", "Job")
KUBE: Final = ("--kube-version", "1.31.0")
Manifest = dict[str, Any]

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("chart")]


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("chart") / "flowloom")


def helm(chart: Path, *options: str, values: Manifest | None = None) -> subprocess.CompletedProcess[str]:
    """Render the chart; Helm reads the values as YAML, and JSON is YAML."""
    command = (
        str(tool("helm")),
        "template",
        "flowloom",
        str(chart),
        "--namespace",
        "flowloom",
        *KUBE,
        *options,
    )
    text = json.dumps(ANSWERS if values is None else values)
    return subprocess.run(
        (*command, "--values", "-"), input=text, capture_output=True, text=True, check=False
    )


@cache
def manifests(chart: Path, size: str, *, everything: bool = True) -> list[Manifest]:
    values = {**ANSWERS, **EVERYTHING} if everything else ANSWERS
    done = helm(chart, "--values", str(chart / size), values=values)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def of_kind(found: list[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in found if one["kind"] in kinds]


def pod_of(workload: Manifest) -> Manifest:
    pod: Manifest = workload["spec"]["template"]["spec"]
    return pod


def containers(found: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield every container with the name of its workload."""
    for workload in of_kind(found, *WORKLOADS):
        pod = pod_of(workload)
        for container in (*pod.get("initContainers", []), *pod["containers"]):
            yield f"{workload['metadata']['name']}/{container['name']}", container


@pytest.mark.parametrize("size", SIZES)
def test_every_size_renders_every_service(chart: Path, size: str) -> None:
    found = manifests(chart, size)
    names = {one["metadata"]["name"] for one in of_kind(found, "Deployment", "StatefulSet")}
    assert names == {*AppId, "kong"}
    scaled = of_kind(found, "ScaledObject", "HorizontalPodAutoscaler")
    assert {one["spec"]["scaleTargetRef"]["name"] for one in scaled} == set(AppId)
    assert {one["metadata"]["name"] for one in of_kind(found, "PodDisruptionBudget")} == names
    jobs = {
        one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for one in of_kind(found, "Job")
    }
    assert jobs == {f"{name}-migrate" for name in ("gateway", "orchestrator", "memory")}


def test_what_every_service_is_given_is_what_the_containers_of_compose_are_given(chart: Path) -> None:
    found = manifests(chart, "values.yaml")
    for workload in of_kind(found, "Deployment", "StatefulSet"):
        name = workload["metadata"]["name"]
        if name == "kong":
            continue
        pod = pod_of(workload)
        (container,) = pod["containers"]
        assert {"secretRef": {"name": name}} in container["envFrom"]
        assert container["ports"] == [{"name": "http", "containerPort": 8000}]
        secrets = [volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume]
        assert secrets == [f"{name}-keys"]
        notes = workload["spec"]["template"]["metadata"]["annotations"]
        assert notes["dapr.io/app-id"] == name
        assert notes["dapr.io/config"] == name
        assert (notes["dapr.io/max-body-size"], notes["dapr.io/read-buffer-size"]) == ("16Mi", "32Ki")


def test_copies_that_hold_leases_have_names_that_outlive_them(chart: Path) -> None:
    found = manifests(chart, "values.yaml")
    stateful = {one["metadata"]["name"] for one in of_kind(found, "StatefulSet")}
    assert stateful == {AppId.ORCHESTRATOR, *AGENT_APP_IDS}
    for workload in of_kind(found, "StatefulSet"):
        (container,) = pod_of(workload)["containers"]
        named = [one["name"] for one in container["env"] if "valueFrom" in one]
        assert named in (["FLOWLOOM_ORCHESTRATOR_WORKER"], ["FLOWLOOM_AGENT_INSTANCE"])


def test_variables_that_the_chart_sets_are_read_by_somebody(chart: Path) -> None:
    explained = (ROOT / ".env.example").read_text()
    for where, container in containers(manifests(chart, "values.yaml")):
        for one in container.get("env", []):
            if one["name"].startswith("FLOWLOOM_"):
                assert f"{one['name']}=" in explained, f"{where}: {one['name']}"


def test_the_operators_file_of_programs_reaches_those_who_read_it_and_nobody_else(chart: Path) -> None:
    done = helm(chart, values={**ANSWERS, "mcpPrograms": {"secret": "mcp-programs"}})
    assert done.returncode == 0, done.stderr
    found = [one for one in yaml.safe_load_all(done.stdout) if one]
    readers = set()
    for workload in of_kind(found, "Deployment", "StatefulSet"):
        pod = pod_of(workload)
        secrets = [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one]
        if "mcp-programs" in secrets:
            readers.add(workload["metadata"]["name"])
            (container,) = pod["containers"]
            env = {one["name"]: one.get("value") for one in container["env"]}
            (mount,) = [one for one in container["volumeMounts"] if one["name"] == "mcp-programs"]
            assert env["FLOWLOOM_MCP_FILE"] == f"{mount['mountPath']}/servers.json"
            assert mount["readOnly"] is True
    assert readers == {AppId.GATEWAY, AppId.ORCHESTRATOR}


@pytest.mark.parametrize("size", SIZES)
def test_nothing_runs_with_more_rights_than_it_needs(chart: Path, size: str) -> None:
    found = manifests(chart, size)
    for workload in of_kind(found, *WORKLOADS):
        pod = pod_of(workload)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not any("hostPath" in volume for volume in pod["volumes"])
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    for where, container in containers(found):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, where
        assert context["allowPrivilegeEscalation"] is False, where
        assert context["capabilities"] == {"drop": ["ALL"]}, where
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), where
        assert "memory" in container["resources"]["limits"], where
        image = container["image"]
        assert ":" in image.rsplit("/", 1)[-1], where
        assert not image.endswith(":latest"), where


def test_what_serves_is_probed(chart: Path) -> None:
    for where, container in containers(manifests(chart, "values.yaml")):
        if where.endswith(("/migrate", "/render")):
            continue
        assert {"livenessProbe", "readinessProbe"} <= container.keys(), where


def test_only_kong_is_published_and_every_other_way_is_closed(chart: Path) -> None:
    found = manifests(chart, "values.yaml")
    open_ = [one for one in of_kind(found, "Service") if one["spec"].get("type", "ClusterIP") != "ClusterIP"]
    assert [one["metadata"]["name"] for one in open_] == ["kong"]
    policies = {one["metadata"]["name"]: one["spec"] for one in of_kind(found, "NetworkPolicy")}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    anybody = [
        name for name, spec in policies.items() if any("from" not in rule for rule in spec.get("ingress", []))
    ]
    assert anybody == ["edge"]
    outside = policies["outside"]["egress"][0]["to"][0]["ipBlock"]
    assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(outside["except"])


def test_dapr_gets_the_files_of_the_repository(chart: Path) -> None:
    found = manifests(chart, "values.yaml")
    components = {one["metadata"]["name"]: one for one in of_kind(found, "Component")}
    repository = [
        one
        for path in sorted((ROOT / "dapr" / "components").glob("*.yaml"))
        for one in yaml.safe_load_all(path.read_text())
    ]
    for one in repository:
        if one["kind"] == "Component" and one["metadata"]["name"] != "secrets":
            assert components[one["metadata"]["name"]] == one
    assert components["secrets"]["spec"]["type"] == "secretstores.kubernetes"
    assert set(components["secrets"]["scopes"]) == set(AppId)
    configurations = of_kind(found, "Configuration")
    assert {one["metadata"]["name"] for one in configurations} == set(AppId)
    for one in configurations:
        access = one["spec"]["accessControl"]
        assert access["trustDomain"] == "cluster.local"
        assert {policy["namespace"] for policy in access["policies"]} == {"flowloom"}


def test_every_secret_that_is_read_is_made_from_the_external_store(chart: Path) -> None:
    found = manifests(chart, "values.yaml")
    made = {one["spec"]["target"]["name"] for one in of_kind(found, "ExternalSecret")}
    read = {"stores"}
    for workload in of_kind(found, *WORKLOADS):
        notes = workload["spec"]["template"]["metadata"].get("annotations", {})
        read |= {
            notes[key] for key in ("dapr.io/api-token-secret", "dapr.io/app-token-secret") if key in notes
        }
        read |= {
            volume["secret"]["secretName"] for volume in pod_of(workload)["volumes"] if "secret" in volume
        }
    for _, container in containers(found):
        read |= {one["secretRef"]["name"] for one in container.get("envFrom", [])}
    assert read == made


def test_what_scales_a_service_is_measured_by_one(chart: Path) -> None:
    source = "".join(path.read_text() for path in ROOT.glob("*/*/src/**/*.py"))
    for one in of_kind(manifests(chart, "values.yaml"), "ScaledObject"):
        for trigger in one["spec"]["triggers"]:
            for metric in re.findall(r"flowloom_\w+", trigger["metadata"].get("query", "")):
                assert f'"{metric}"' in source, metric


def test_the_canary_changes_one_copy_of_each_agent(chart: Path) -> None:
    found = manifests(chart, "values.yaml")
    for one in of_kind(found, "StatefulSet"):
        partition = one["spec"]["updateStrategy"]["rollingUpdate"]["partition"]
        agent = one["metadata"]["name"] in set(AGENT_APP_IDS)
        assert partition == (one["spec"]["replicas"] - 1 if agent else 0)


@pytest.mark.parametrize(
    ("missing", "named"),
    [("ingress", "ingress.host"), ("model", "model.baseUrl"), ("stores", "stores.postgres.cidrs")],
)
def test_a_missing_answer_is_asked_for_by_name(chart: Path, missing: str, named: str) -> None:
    done = helm(chart, values={name: value for name, value in ANSWERS.items() if name != missing})
    assert done.returncode != 0
    assert named in done.stderr


def test_stages_render(chart: Path) -> None:
    for stage in sorted((CHART.parent / "stages").glob("*.yaml")):
        done = helm(chart, "--values", str(stage), values={})
        assert done.returncode == 0, done.stderr


def test_manifests_fit_the_schemas_of_kubernetes(chart: Path) -> None:
    import kubernetes_validate

    ours = {"Deployment", "StatefulSet", "Job", "Service", "ServiceAccount", "ConfigMap", "NetworkPolicy",
            "PodDisruptionBudget", "HorizontalPodAutoscaler"}  # fmt: skip
    checked = set()
    for everything in (True, False):
        for one in manifests(chart, "values.yaml", everything=everything):
            if one["kind"] in ours:
                kubernetes_validate.validate(one, "1.29", strict=True)
                checked.add(one["kind"])
    assert checked == ours
