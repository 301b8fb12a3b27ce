"""Brings the schema `memory` up to date: `python -m memory.migrate`, as often as one likes."""

from pathlib import Path

from flowloom_servicekit.migrations import upgrade
from memory.settings import DatabaseSettings


def migrate(database_url: str) -> None:
    """Apply the changes that are missing, all or none; blocks."""
    upgrade(database_url, Path(__file__).parent / "migrations")


if __name__ == "__main__":
    migrate(DatabaseSettings().database_url.get_secret_value())
