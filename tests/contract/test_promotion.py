"""Promotion of a version: canary, everything, a try after each, and the way back."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.promote import PromotionError, promote


class Cluster:
    """Answers like `helm` and `flowloom`, and remembers what it was asked."""

    def __init__(self, *, revision: int = 7, broken_upgrade: int = 0, broken_smoke: int = 0) -> None:
        self.asked: list[tuple[str, ...]] = []
        self._revision = revision
        self._broken = {"upgrade": broken_upgrade, "run": broken_smoke}
        self._counted = {"upgrade": 0, "run": 0}

    def __call__(self, command: Sequence[str]) -> str:
        self.asked.append(tuple(command))
        verb = "run" if "flowloom_cli" in command else command[1]
        if verb in self._counted:
            self._counted[verb] += 1
        fails = self._counted.get(verb) == self._broken.get(verb, 0)
        if verb == "list":
            return json.dumps(
                [{"name": "flowloom", "revision": str(self._revision)}] if self._revision else []
            )
        if verb == "run":
            return json.dumps({"id": "r1", "status": "failed" if fails else "succeeded"})
        if fails:
            raise subprocess.CalledProcessError(1, command)
        return ""

    def verbs(self) -> list[str]:
        return ["smoke" if "flowloom_cli" in one else one[1] for one in self.asked]


def _promote(cluster: Cluster) -> None:
    promote(cluster, chart=Path("chart"), values=Path("stage.yaml"), version="v1.2.3", namespace="flowloom")


def test_one_agent_of_each_kind_is_tried_before_everything() -> None:
    cluster = Cluster()
    _promote(cluster)
    assert cluster.verbs() == ["list", "upgrade", *["smoke"] * 3, "upgrade", *["smoke"] * 3]
    canary, everything = (one for one in cluster.asked if one[1] == "upgrade")
    assert "canary=true" in canary
    assert "canary=false" in everything
    for one in (canary, everything):
        assert {"--install", "--atomic", "image.tag=v1.2.3", "stage.yaml"} <= set(one)


@pytest.mark.parametrize("smoke", [1, 3, 4, 6])
def test_a_failing_run_brings_the_stage_back(smoke: int) -> None:
    cluster = Cluster(broken_smoke=smoke)
    with pytest.raises(
        PromotionError, match="the smoke run r1 ended as failed; the stage is back on revision 7"
    ):
        _promote(cluster)
    assert cluster.asked[-1][:4] == ("helm", "rollback", "flowloom", "7")


@pytest.mark.parametrize("upgrade", [1, 2])
def test_an_upgrade_that_does_not_become_ready_brings_the_stage_back(upgrade: int) -> None:
    cluster = Cluster(broken_upgrade=upgrade)
    with pytest.raises(PromotionError, match="back on revision 7"):
        _promote(cluster)
    assert cluster.verbs()[-1] == "rollback"


def test_a_first_installation_has_nothing_to_go_back_to() -> None:
    cluster = Cluster(revision=0, broken_smoke=1)
    with pytest.raises(PromotionError):
        _promote(cluster)
    assert "rollback" not in cluster.verbs()
