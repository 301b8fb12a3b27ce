"""The subcommands of `flowloom`: one file each in `commands`."""

import typer

from flowloom_cli.commands import (
    backup,
    backup_key,
    clients,
    doctor,
    down,
    eval_,
    export,
    import_,
    login,
    memory,
    restore,
    status,
    up,
    validate,
)
from flowloom_cli.commands import run as run_command
from flowloom_cli.commands import test as test_command

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
app.command("test")(test_command.run_tests_beside)
app.command("run")(run_command.run)
app.command("eval")(eval_.evaluate)
app.command("import")(import_.import_file)
app.command("export")(export.export)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("backup-key")(backup_key.backup_key)
app.command("restore")(restore.restore)
app.add_typer(clients.app, name="clients")
app.add_typer(memory.app, name="memory")
