"""Write a bill of materials for each lock, in CycloneDX 1.6: python -m scripts.sbom FOLDER.

Names, versions and hashes come from requirements/*.txt, so a bill says what is installed and not what happens
to be on this machine; licences are added where a package is installed here.
"""

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One package of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def main(arguments: list[str]) -> int:
    """Write one file a lock."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for lock in sorted(LOCKS.glob("*.txt")):
        target = folder / f"{lock.stem}.cdx.json"
        target.write_text(json.dumps(bill(lock.stem, list(pins(lock))), indent=2) + "\n", encoding="utf-8")
        print(target)
    return 0


def pins(lock: Path) -> Iterator[Pin]:
    """Yield the packages of a lock with the hashes of all their files."""
    text = lock.read_text(encoding="utf-8")
    found = list(PIN.finditer(text))
    for number, pin in enumerate(found):
        block = text[pin.end() : found[number + 1].start() if number + 1 < len(found) else None]
        name = re.sub(r"[-_.]+", "-", pin[1]).lower()
        yield Pin(name, pin[2], tuple(HASH.findall(block)))


def bill(name: str, packages: list[Pin]) -> dict[str, object]:
    """Return the document; without a time or a serial number, so that the same lock gives the same bill."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": f"flowloom-{name}", "bom-ref": name}},
        "components": [_component(pin) for pin in packages],
        "dependencies": [{"ref": name, "dependsOn": [pin.purl for pin in packages]}],
    }


def _component(pin: Pin) -> dict[str, object]:
    described: dict[str, object] = {
        "type": "library",
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        "bom-ref": pin.purl,
        # One component is many files; which one is installed depends on the machine.
        "properties": [{"name": "flowloom:sha256", "value": digest} for digest in pin.hashes],
    }
    terms = licence(pin.name)
    return described | ({"licenses": [{"license": {"name": terms}}]} if terms else {})


def licence(name: str) -> str:
    """Return what an installed package says about its licence; empty if it says nothing or is not here."""
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    if expression := metadata.get_all("License-Expression"):
        return str(expression[0])
    classifiers = [str(value) for value in metadata.get_all("Classifier") or []]
    named = [value.rpartition("::")[2].strip() for value in classifiers if value.startswith("License ::")]
    first_line = str((metadata.get_all("License") or [""])[0]).strip().partition("\n")[0]
    return " AND ".join(one for one in named if one != "OSI Approved") or first_line[:100]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
