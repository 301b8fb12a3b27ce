"""Serve an application as every service is served: `python -m flowloom_servicekit.serve gateway.main:app`."""

import argparse
from collections.abc import Sequence
from typing import Final, TypedDict

import uvicorn

from flowloom_servicekit.http_protocol import BoundedHttpProtocol


class ServerOptions(TypedDict):
    """What does not depend on the place."""

    http: type[BoundedHttpProtocol]
    proxy_headers: bool
    server_header: bool
    access_log: bool
    timeout_keep_alive: int
    timeout_graceful_shutdown: int


OPTIONS: Final[ServerOptions] = {
    "http": BoundedHttpProtocol,
    # Who the caller is, only the edge may say, and it proves itself (gateway.through_edge).
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    # Longer than a sidecar keeps an idle connection, or it would send on one that was just closed.
    "timeout_keep_alive": 95,
    "timeout_graceful_shutdown": 4,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="flowloom_servicekit.serve")
    parser.add_argument("app", help="module:attribute of the application")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args(arguments)
    uvicorn.run(given.app, host=given.host, port=given.port, log_level="warning", **OPTIONS)


if __name__ == "__main__":
    main()
