"""Elasticsearch, Filebeat and Kibana: only for who asks, closed, and with the same lines as Loki."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from dotenv import dotenv_values

from scripts import compose_secrets
from scripts.checks.compose import compose_files
from scripts.checks.tree import Tree

ROOT: Final = Path(__file__).resolve().parents[2]
MONITORING: Final = ROOT / "monitoring"
SERVICES: Final[dict[str, Any]] = compose_files(Tree(ROOT))["elk.yml"]
READS_AS_ROOT: Final = {"filebeat"}
"""Files of containers and Docker's socket are root's."""

ONCE: Final = {"elasticsearch-prepare"}


def test_nobody_gets_it_unasked() -> None:
    assert set(SERVICES) == {"elasticsearch", "elasticsearch-prepare", "filebeat", "kibana"}
    assert [name for name, service in SERVICES.items() if service["profiles"] != ["elk"]] == []
    files: dict[str, dict[str, Any]] = compose_files(Tree(ROOT))
    others = {name: one for named in files.values() for name, one in named.items() if name not in SERVICES}
    needed = {need for service in others.values() for need in service.get("depends_on", {})}
    assert len(needed) > 5
    assert needed & set(SERVICES) == set(), "what always starts needs nothing of a profile"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_part_is_limited_closed_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["networks"] == ["ops"]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert (service["user"] == "0:0") == (name in READS_AS_ROOT)
    assert ("test" in service["healthcheck"]) == (name not in ONCE)
    assert service.get("read_only", False) == (name != "elasticsearch")
    written = json.dumps(service.get("environment", {}))
    assert "PASSWORD" not in written
    assert service["env_file"] == f"deploy/compose/.secrets/{name}.env"


def test_all_parts_have_one_version() -> None:
    versions = {service["image"].rpartition(":")[2] for service in SERVICES.values()}
    assert len(versions) == 1


def test_each_part_knows_its_own_passwords_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_secrets, "FOLDER", tmp_path)
    compose_secrets.give_elk()
    first = {name: dotenv_values(tmp_path / f"{name}.env") for name in SERVICES}
    compose_secrets.give_elk()
    assert first == {name: dotenv_values(tmp_path / f"{name}.env") for name in SERVICES}
    assert set(first["filebeat"]) == {"FILEBEAT_PASSWORD"}
    assert "ELASTIC_PASSWORD" not in first["kibana"]
    assert (
        first["kibana"]["KIBANA_SYSTEM_PASSWORD"] == first["elasticsearch-prepare"]["KIBANA_SYSTEM_PASSWORD"]
    )
    for name, file in (("filebeat", "filebeat/filebeat.yml"), ("kibana", "kibana/kibana.yml")):
        asked = set(re.findall(r"\$\{(\w+)\}", (MONITORING / file).read_text()))
        assert asked == set(first[name])
    script = (MONITORING / "elasticsearch" / "prepare.sh").read_text()
    assert set(re.findall(r"\$([A-Z_]+)", script)) == set(first["elasticsearch-prepare"])


def test_a_line_can_be_searched_by_what_loki_knows_of_it() -> None:
    alloy = (MONITORING / "alloy" / "config.alloy").read_text()
    expressions = re.search(r"expressions = \{(.*?)\}", alloy, re.DOTALL)
    assert expressions is not None
    told = set(re.findall(r"(\w+)\s*=", expressions[1])) - {"at"}
    template = json.loads((MONITORING / "elasticsearch" / "template.json").read_text())
    assert told | {"@timestamp", "message", "service"} <= set(template["template"]["mappings"]["properties"])
    filebeat = yaml.safe_load((MONITORING / "filebeat" / "filebeat.yml").read_text())
    assert filebeat["output.elasticsearch"]["index"].startswith("logs-flowloom-")
    assert template["index_patterns"] == ["logs-flowloom-*"]
    retention = yaml.safe_load((MONITORING / "loki" / "loki.yaml").read_text())["limits_config"]
    assert (retention["retention_period"], template["template"]["lifecycle"]) == (
        "336h",
        {"data_retention": "14d"},
    )


def prepare(folder: Path, *, fails: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the script with a curl that writes down what it was asked."""
    curl = folder / "curl"
    curl.write_text(
        "#!/usr/bin/env bash\n"
        f"printf '%s\\n' \"$*\" >>{folder}/commands\n"
        f"cat >>{folder}/bodies; printf '\\0' >>{folder}/bodies\n"
        f"exit {22 if fails else 0}\n"
    )
    curl.chmod(0o755)
    given = compose_secrets.ELK["elasticsearch-prepare"]
    env = {"PATH": f"{folder}:{os.environ['PATH']}"} | {name: f"secret-{name.lower()}" for name in given}
    script = (MONITORING / "elasticsearch" / "prepare.sh").read_text()
    local = script.replace("/prepare/template.json", str(MONITORING / "elasticsearch" / "template.json"))
    return subprocess.run(
        ["bash", "-c", local], env=env, capture_output=True, text=True, check=False, timeout=20
    )


def test_users_and_index_are_asked_for_without_a_password_on_a_command_line(tmp_path: Path) -> None:
    done = prepare(tmp_path)
    assert done.returncode == 0, done.stderr
    commands = (tmp_path / "commands").read_text()
    assert "secret" not in commands
    assert [line.rpartition(":9200")[2] for line in commands.splitlines()] == [
        "/_security/user/kibana_system/_password",
        "/_security/role/flowloom_writer",
        "/_security/user/flowloom_filebeat",
        "/_security/user/operator",
        "/_index_template/flowloom",
    ]
    bodies = [json.loads(body) for body in (tmp_path / "bodies").read_text().split("\0") if body]
    assert bodies[0] == {"password": "secret-kibana_system_password"}
    assert bodies[1]["indices"][0]["privileges"] == ["create_doc", "auto_configure"]
    assert bodies[4]["data_stream"] == {}


def test_it_ends_when_elasticsearch_refuses(tmp_path: Path) -> None:
    done = prepare(tmp_path, fails=True)
    assert done.returncode == 22
    assert len((tmp_path / "commands").read_text().splitlines()) == 1
    assert "ready" not in done.stdout
