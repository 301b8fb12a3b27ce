"""The memory service: `uvicorn memory.main:app`."""

from memory.bootstrap import build
from memory.settings import Settings

app = build(Settings())
