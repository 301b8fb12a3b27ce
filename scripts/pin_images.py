"""Pin the images of deploy/compose by digest for a release: python -m scripts.pin_images [OUTPUT].

Asks the registries through `docker buildx imagetools`, so credentials and mirrors of this machine hold, and
writes an overriding file to use beside docker-compose.yml; without an answer for every image, nothing.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "deploy" / "compose"
OUTPUT = COMPOSE / "pinned.yml"
OURS = "flowloom/"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
INSPECT = ["docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}"]
LIMIT_S = 60


class UnresolvedError(Exception):
    """A registry gave no digest."""


def main(arguments: list[str], inspect: Sequence[str] = INSPECT) -> int:
    """Resolve every image that others publish, and write the file."""
    output = Path(arguments[0]) if arguments else OUTPUT
    services = images()
    try:
        digests = {image: digest(image, inspect) for image in sorted(set(services.values()))}
    except UnresolvedError as error:
        print(f"nothing is pinned: {error}", file=sys.stderr)
        return 3
    pinned = {name: {"image": f"{image}@{digests[image]}"} for name, image in services.items()}
    head = "# Written by scripts/pin_images.py for a release; overrides the images of the other files.\n"
    output.write_text(head + yaml.safe_dump({"services": pinned}, sort_keys=True), encoding="utf-8")
    print(f"{len(digests)} images are pinned in {output}")
    return 0


def images() -> dict[str, str]:
    """Return the image of each service that others publish."""
    found: dict[str, str] = {}
    for path in sorted(COMPOSE.glob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for name, service in (document.get("services") or {}).items():
            image = str(service.get("image", ""))
            if image and not image.startswith(OURS) and "@" not in image:
                found[name] = image
    return found


def digest(image: str, inspect: Sequence[str]) -> str:
    """Return the digest of an image's manifest; raises UnresolvedError."""
    try:
        answer = subprocess.run(
            [*inspect, image], capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnresolvedError(f"{image}: {error}") from error
    found = answer.stdout.strip()
    if answer.returncode != 0 or DIGEST.fullmatch(found) is None:
        raise UnresolvedError(f"{image}: {answer.stderr.strip() or found or 'no digest'}")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
