"""Imports one module and says what that did: a program for the interpreter of an isolated environment."""

import importlib
import json
import sys
from typing import NoReturn

FORBIDDEN_EVENTS = ("socket.connect", "socket.bind", "subprocess.Popen", "os.system")


def refuse(event: str) -> NoReturn:
    """Stop an import that works."""
    raise SystemExit(f"importing it causes {event}: work belongs in the lifespan")


def main(name: str) -> None:
    """Import a module while an audit hook watches for work."""
    sys.addaudithook(lambda event, _: refuse(event) if event in FORBIDDEN_EVENTS else None)
    module = importlib.import_module(name)
    print(
        json.dumps(
            {"has_app": callable(module.app), "modules": sorted({m.split(".")[0] for m in sys.modules})}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
