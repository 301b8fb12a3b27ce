"""Put the Helm chart together with what it carries: python scripts/package_chart.py TARGET.

The chart in deploy/kubernetes holds what only Kubernetes needs. Dapr's components, Kong's template and the
workflow templates are those of every deployment, so they are copied here and nowhere kept twice.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
CHART: Final = ROOT / "deploy" / "kubernetes" / "flowloom"
COPIED: Final = {
    "files/dapr/components": "dapr/components/*.yaml",
    "files/dapr/configuration": "dapr/configuration/*.yaml",
    "files/templates": "examples/workflows/*.yaml",
    "files/kong": "kong/kong.yml",
}


def main(arguments: list[str]) -> int:
    """Write the chart into a folder that does not exist yet."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    package(Path(arguments[0]))
    return 0


def package(target: Path) -> Path:
    """Copy the chart and what it carries; raises FileExistsError when the target is there."""
    shutil.copytree(CHART, target)
    for folder, pattern in COPIED.items():
        place = target / folder
        place.mkdir(parents=True)
        for source in sorted(ROOT.glob(pattern)):
            shutil.copyfile(source, place / source.name)
    shutil.copyfile(ROOT / "scripts" / "render_kong.py", target / "files" / "kong" / "render_kong.py")
    (target / "files" / "kong.env.yaml").write_text(yaml.safe_dump(kong_environment()))
    return target


def kong_environment() -> dict[str, str]:
    """Return Kong's settings: those of the containers, with TLS alone, because nothing else is published."""
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "kong.yml").read_text())
    settings: dict[str, str] = compose["services"]["kong"]["environment"]
    return settings | {"KONG_PROXY_LISTEN": "0.0.0.0:8443 ssl"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
