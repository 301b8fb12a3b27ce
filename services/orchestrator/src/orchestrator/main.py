"""The orchestrator: `uvicorn orchestrator.main:app`."""

from orchestrator.bootstrap import build
from orchestrator.settings import Settings

app = build(Settings())
