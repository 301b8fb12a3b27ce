"""Options that several subcommands have: which platform, as whom, and in which form."""

from typing import Annotated

import typer

Url = Annotated[str | None, typer.Option("--url", help="Address of the platform.")]
Key = Annotated[str | None, typer.Option("--key", help="API key; visible to others on this machine.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
