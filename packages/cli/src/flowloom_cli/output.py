"""Log lines of many processes on one terminal, each with the name of its process."""

from typing import Final

import typer

COLOURS: Final = (
    typer.colors.CYAN,
    typer.colors.MAGENTA,
    typer.colors.YELLOW,
    typer.colors.BLUE,
    typer.colors.GREEN,
)


class PrefixedOutput:
    """Collects pieces of output and prints whole lines."""

    def __init__(self) -> None:
        self._unfinished: dict[str, bytes] = {}

    def write(self, name: str, chunk: bytes) -> None:
        *lines, rest = (self._unfinished.get(name, b"") + chunk).split(b"\n")
        self._unfinished[name] = rest
        for line in lines:
            prefix = typer.style(f"{name:>22} |", fg=_colour(name))
            typer.echo(f"{prefix} {line.decode(errors='replace')}")


def _colour(name: str) -> str:
    """The same colour for a name in every run."""
    return COLOURS[sum(name.encode()) % len(COLOURS)]
