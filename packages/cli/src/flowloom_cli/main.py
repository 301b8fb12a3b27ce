"""The `flowloom` command: one subcommand a file in `commands`."""

from contextlib import suppress

import typer

from flowloom_cli import checkout, environment
from flowloom_cli.commands import doctor, down, login, status, up, validate
from flowloom_cli.commands import run as run_command
from flowloom_cli.errors import UsageError

app = typer.Typer(
    help="Run the platform on this machine, and workflows on any.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("down")(down.down)
app.command("status")(status.status)
app.command("login")(login.login)
app.command("validate")(validate.validate)
app.command("run")(run_command.run)
app.command("doctor")(doctor.doctor)


def run() -> None:
    """Entry point of the installed command."""
    with suppress(UsageError):
        environment.read_env_file(checkout.root())
    app()


if __name__ == "__main__":
    run()
