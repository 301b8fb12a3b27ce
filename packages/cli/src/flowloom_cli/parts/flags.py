"""Command-line flags from names and values."""

from collections.abc import Mapping


def flags(values: Mapping[str, str | int]) -> tuple[str, ...]:
    """Return `--name=value` for each entry, in order."""
    return tuple(f"--{name}={value}" for name, value in values.items())
