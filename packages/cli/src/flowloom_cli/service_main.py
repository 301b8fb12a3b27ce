"""Become one service of this home, as dapr.yaml asks; argument: its app-id."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from flowloom_cli import checkout, environment
from flowloom_cli.blueprint import Site, process_of
from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.secrets import load_or_create
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.part import Part
from flowloom_cli.topology import APP_IDS, Topology

HINT = (
    "first `flowloom up --stores`, then `. .flowloom/dapr/run-file.env && dapr run -f .` in another terminal"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Replace this process by the service; returns only when that is impossible."""
    parser = argparse.ArgumentParser(prog="flowloom_cli.service_main")
    parser.add_argument("app_id", choices=APP_IDS)
    given = parser.parse_args(arguments)
    with suppress(UsageError):
        environment.read_env_file(checkout.root())
    try:
        part = prepared(given.app_id, Settings.load())
    except CliError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    os.chdir(part.cwd)
    os.execve(part.command[0], part.command, dict(part.env))  # noqa: S606 - no shell is wanted


def prepared(app_id: str, settings: Settings) -> Part:
    """Return the service's process with the tokens of its sidecar; raises UsageError when it has none."""
    home = settings.home_dir
    if not (home / "secrets.json").exists():
        raise UsageError(f"{home} has no stores that {app_id} could use", hint=HINT)
    tokens = environment.of_sidecar()
    if missing := [name for name, value in tokens.items() if not value]:
        raise UsageError(f"{app_id} and its sidecar need {' and '.join(missing)}", hint=HINT)
    topology = Topology(base=settings.port_base, gateway=settings.port)
    part = process_of(app_id, Site(home, topology, APP_IDS, load_or_create(home), {}))
    return replace(part, env={**part.env, **tokens})


if __name__ == "__main__":
    sys.exit(main())
