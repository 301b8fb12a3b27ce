"""`python -m gateway.rotate_signing_key [publish|use|drop]`: change the key of access tokens without a pause.

Without a word a new key signs at once and the old ones go on verifying. Where others keep copies of the
public keys: `publish`, let them read the new key, `use`, and after five minutes `drop` the old ones.
"""

import sys
from pathlib import Path
from typing import Final

from joserfc.jwk import ECKey

from gateway.adapters.signing_keys import SigningKey, read_keys, write_keys
from gateway.settings import Settings

STEPS: Final = ("publish", "use", "drop", "all")


def rotate(path: Path, step: str) -> list[str]:
    """Take one step; returns the names of the keys, the one that signs first."""
    keys = read_keys(path)
    if step in {"publish", "all"}:
        fresh = ECKey.generate_key("P-256")
        keys.append(SigningKey(fresh.thumbprint(), fresh))
    if step in {"use", "all"}:
        keys.insert(0, keys.pop())
    if step == "drop":
        keys = keys[:1]
    write_keys(path, keys)
    return [one.kid for one in keys]


def main() -> None:
    """Run it with the settings of the environment."""
    step = sys.argv[1] if len(sys.argv) > 1 else "all"
    if step not in STEPS:
        raise SystemExit(f"use one of: {', '.join(STEPS[:3])}")
    names = rotate(Settings().signing_key_file, step)
    print(f"{names[0]} signs; {len(names) - 1} more verify")  # noqa: T201 - a program that prints its result


if __name__ == "__main__":
    main()
