"""The schema of this service and its changes."""

from pathlib import Path
from typing import Final

from flowloom_servicekit.schema_versions import Migrations

MIGRATIONS: Final = Migrations("gateway", Path(__file__).parent / "migrations")
