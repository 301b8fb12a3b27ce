"""`flowloom up`: start the platform on this machine and keep it running until Ctrl-C."""

import asyncio
from typing import Annotated

import typer

from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when the platform is ready.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print every log line, not only milestones.")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="Then run the first example, live.")] = False,
    stores: Annotated[
        bool, typer.Option("--stores", help="Leave services and sidecars to `dapr run -f .`.")
    ] = False,
) -> None:
    """Start stores, model, Dapr and services; heal what crashes; stop all at Ctrl-C."""
    with shown_to_people():
        # Here, because the whole platform takes a second to import that the other commands can spare.
        from flowloom_cli import upkeep

        settings = Settings.load()
        if stores:
            upkeep.require_what_the_run_file_says(settings)
        if detach:
            upkeep.detach(settings, stores=stores)
            return
        staying = upkeep.stay_up(settings, verbose=verbose, example=example, stores=stores)
        raise typer.Exit(asyncio.run(staying))
