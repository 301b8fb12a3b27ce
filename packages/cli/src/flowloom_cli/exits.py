"""Turn failures into a sentence, a hint and an exit code; no command shows a traceback for them."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from flowloom_cli.errors import CliError

INTERRUPTED = 130


@contextmanager
def shown_to_people() -> Iterator[None]:
    """Print a CliError that leaves the block and exit with its code."""
    try:
        yield
    except CliError as error:
        typer.secho(f"error: {error.message}", fg=typer.colors.RED, err=True)
        if error.hint:
            typer.echo(f"  try: {error.hint}", err=True)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
