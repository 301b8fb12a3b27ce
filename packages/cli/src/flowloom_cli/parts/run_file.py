"""What the Dapr CLI needs beside dapr.yaml: one configuration for each sidecar, and the tokens of all."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from flowloom_cli.private_files import write_private
from flowloom_cli.topology import HOST

CONFIGURATIONS: Final = Path("dapr", "run-file")
VARIABLES: Final = Path("dapr", "run-file.env")


def render(home: Path, app_ids: Sequence[str]) -> None:
    """Write both below the home; what Dapr's own configuration says must be rendered before.

    The CLI gives a sidecar one file of configuration and its own environment, so name resolution is put into
    each file, and all sidecars share their tokens.
    """
    folder = home / CONFIGURATIONS
    folder.mkdir(exist_ok=True)
    names = _spec(home / "dapr" / "local.yaml")
    for app_id in app_ids:
        document = yaml.safe_load((home / "dapr" / "configuration" / f"{app_id}.yaml").read_text())
        document["spec"] |= names
        (folder / f"{app_id}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    variables = {
        "DAPR_API_TOKEN": secrets.token_hex(24),
        "APP_API_TOKEN": secrets.token_hex(24),
        # Else a sidecar tells the others an address of the machine.
        "DAPR_HOST_IP": HOST,
    }
    write_private(home / VARIABLES, "".join(f"export {name}={value}\n" for name, value in variables.items()))


def _spec(path: Path) -> dict[str, object]:
    spec: dict[str, object] = yaml.safe_load(path.read_text())["spec"]
    return spec
