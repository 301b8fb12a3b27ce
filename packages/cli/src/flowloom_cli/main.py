"""Entry point of the `flowloom` command."""

import sys
from contextlib import suppress


def run() -> None:
    """Read `.env` of the checkout, then run the subcommand; Ctrl-C ends it quietly at any time."""
    try:
        # Inside, so that Ctrl-C during the imports is no traceback either.
        from flowloom_cli import checkout, environment
        from flowloom_cli.app import app
        from flowloom_cli.errors import UsageError

        with suppress(UsageError):
            environment.read_env_file(checkout.root())
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
