"""Imports one module and says what that did: a program for the interpreter of an isolated environment."""

import importlib
import json
import sys
from typing import NoReturn

IPV6_PROBE = ("::1", 0)
"""What urllib3 binds for a moment to see whether there is IPv6; engineio imports it where it is installed."""

FORBIDDEN_EVENTS = ("socket.connect", "socket.bind", "subprocess.Popen", "os.system")


def refuse(event: str) -> NoReturn:
    """Stop an import that works."""
    raise SystemExit(f"importing it causes {event}: work belongs in the lifespan")


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse work, the probe of a library apart: it neither listens nor connects."""
    if event == "socket.bind" and arguments[1:] == (IPV6_PROBE,):
        return
    if event in FORBIDDEN_EVENTS:
        refuse(event)


def main(name: str) -> None:
    """Import a module while an audit hook watches for work."""
    sys.addaudithook(watch)
    module = importlib.import_module(name)
    print(
        json.dumps(
            {"has_app": callable(module.app), "modules": sorted({m.split(".")[0] for m in sys.modules})}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
