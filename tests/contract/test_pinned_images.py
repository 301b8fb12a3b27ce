"""A release pins every image that others publish, all of them or none."""

import sys
from pathlib import Path

import pytest
import yaml

from scripts import pin_images


def registry(folder: Path, *, without: str = "") -> list[str]:
    """Return a program that answers as `imagetools inspect` does, except about one image."""
    program = folder / "registry.py"
    program.write_text(
        "import hashlib, sys\n"
        f"if sys.argv[1] == {without!r}: sys.exit('no such host')\n"
        "print('sha256:' + hashlib.sha256(sys.argv[1].encode()).hexdigest())\n"
    )
    return [sys.executable, str(program)]


def test_pins_what_others_publish_and_nothing_of_ours(tmp_path: Path) -> None:
    output = tmp_path / "pinned.yml"
    assert pin_images.main([str(output)], registry(tmp_path)) == 0
    services = yaml.safe_load(output.read_text())["services"]
    assert {"postgres", "redis", "kong", "sentry", "placement", "scheduler", "gateway-dapr"} <= set(services)
    assert "gateway" not in services
    assert all("@sha256:" in service["image"] for service in services.values())
    assert services["kong"]["image"].startswith("kong:3.9.3@")


def test_pins_nothing_when_one_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "pinned.yml"
    assert pin_images.main([str(output)], registry(tmp_path, without="kong:3.9.3")) == 3
    assert "kong:3.9.3: no such host" in capsys.readouterr().err
    assert not output.exists()
