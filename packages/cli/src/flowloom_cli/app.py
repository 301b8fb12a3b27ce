"""The subcommands of `flowloom`: one file each in `commands`."""

import typer

from flowloom_cli.commands import doctor, down, login, status, up, validate
from flowloom_cli.commands import run as run_command

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
