"""Write the dashboards, the rules and the tests of the rules: `python -m scripts.monitoring`."""

import json
from pathlib import Path
from typing import Final

import yaml

from scripts.monitoring import rules
from scripts.monitoring.dashboards import OWN
from scripts.monitoring.dashboards_of_parts import OF_PARTS
from scripts.monitoring.panels import rendered

ROOT: Final = Path(__file__).resolve().parents[2]
DASHBOARDS: Final = (*OWN, *OF_PARTS)
HEAD: Final = "# Written by `make monitoring` from scripts/monitoring; change it there.\n"


def files() -> dict[str, str]:
    """Return every generated file below `monitoring/` with its text."""
    found = {
        f"grafana/dashboards/{dashboard.uid}.json": json.dumps(rendered(dashboard), indent=1) + "\n"
        for dashboard in DASHBOARDS
    }
    written = {"recording": rules.recording(), "alerts": rules.alerting(), "alerts_test": rules.tests()}
    for name, document in written.items():
        text = yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)
        found[f"prometheus/rules/{name}.yml"] = HEAD + text
    return found


def main() -> None:
    """Write them all."""
    for path, text in files().items():
        target = ROOT / "monitoring" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
