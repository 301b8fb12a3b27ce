"""What CrewAI reads from the environment while it is imported."""

import os
from pathlib import Path
from typing import Final

SWITCHES: Final = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "ANONYMIZED_TELEMETRY": "false",
}


def prepare_environment(folder: Path) -> None:
    """Switch off telemetry and keep every file that CrewAI writes inside one folder.

    Call it before the first import of CrewAI. An agent process has no other use for HOME.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.update(SWITCHES)
    os.environ.update({name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")})
    os.environ["CREWAI_STORAGE_DIR"] = "storage"
    # CrewAI would open a rate limiter or cache on any Redis that it finds named here.
    os.environ.pop("REDIS_URL", None)
