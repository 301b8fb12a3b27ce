"""The outside world as a process: takes side effects with their keys (`python -m tests.chaos.ledger`).

`POST /effects/<name>` with `Idempotency-Key` is written to an append-only file (`O_SYNC`) before it is
answered; a key that is known is answered again and counted. `GET /effects` tells what has happened.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Final

import uvicorn
from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MAX_BODY: Final = 1 << 20


class Effect(BaseModel):
    """One arrival; `again` is true when its key was applied before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: int
    at: float
    name: str
    key: str
    again: bool
    body: str = ""


class EffectLedger:
    """Append-only; a line is on disk before the answer leaves."""

    def __init__(self, path: Path | None = None) -> None:
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_SYNC
        self._file = None if path is None else os.open(path, flags, 0o600)
        self._applied: dict[str, int] = {}
        self.effects: list[Effect] = []

    def write(self, name: str, key: str, body: str) -> Effect:
        """Apply an effect, or note that its key came again."""
        effect = Effect(
            n=len(self.effects) + 1, at=time.time(), name=name, key=key, again=key in self._applied, body=body
        )
        self._applied.setdefault(key, effect.n)
        self.effects.append(effect)
        if self._file is not None:
            os.write(self._file, json.dumps(effect.model_dump()).encode() + b"\n")
        return effect

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def doubled(effects: list[Effect]) -> list[str]:
    """Return the names that were applied under more than one key: the same step, done twice."""
    keys: dict[str, set[str]] = {}
    for effect in effects:
        keys.setdefault(effect.name, set()).add(effect.key)
    return [f"{name} was applied under {len(found)} keys" for name, found in keys.items() if len(found) > 1]


def ledger_app(ledger: EffectLedger) -> Starlette:
    """Return the application over a ledger."""

    async def take(request: Request) -> Response:
        key = request.headers.get("idempotency-key", "")
        if not key:
            return JSONResponse({"error": "an effect needs an Idempotency-Key"}, status_code=400)
        body = (await request.body())[:MAX_BODY].decode(errors="replace")
        effect = ledger.write(request.path_params["name"], key, body)
        return JSONResponse({"n": effect.n, "again": effect.again})

    async def tell(request: Request) -> Response:
        return JSONResponse([effect.model_dump() for effect in ledger.effects])

    return Starlette(
        routes=[
            Route("/effects/{name:path}", take, methods=["POST"]),
            Route("/effects", tell, methods=["GET"]),
        ]
    )


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.ledger", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, default=None)
    options = parser.parse_args()
    ledger = EffectLedger(options.file)
    try:
        uvicorn.run(
            ledger_app(ledger), host="127.0.0.1", port=options.port, log_level="warning", access_log=False
        )
    finally:
        ledger.close()


if __name__ == "__main__":
    main()
