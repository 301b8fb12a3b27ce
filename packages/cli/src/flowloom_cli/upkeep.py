"""What `flowloom up` does: start the platform, stay with it, stop it; or leave a supervisor behind."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Final

import typer

from flowloom_cli import checkout, environment
from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.output import PrefixedOutput
from flowloom_cli.owner import Owner, owner_file
from flowloom_cli.parts import run_file
from flowloom_cli.parts.kong import find_kong
from flowloom_cli.platform import Platform
from flowloom_cli.regular_backups import take_when_due
from flowloom_cli.settings import Settings
from flowloom_cli.status_file import read_status
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_cli.supervision.logs import last_lines
from flowloom_cli.topology import APP_IDS, DEFAULT_PORT, DEFAULT_PORT_BASE
from flowloom_cli.watching import follow_file

DETACHED_LIMIT_S: Final = 600.0
PAUSE_S: Final = 0.2
EXAMPLE: Final = Path("examples", "workflows", "first-brief.yaml")


async def stay_up(settings: Settings, *, verbose: bool, example: bool, stores: bool) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    platform = Platform(
        settings.home_dir,
        port_base=settings.port_base,
        gateway_port=settings.port,
        parts=settings.service_ids or APP_IDS,
        mtls=settings.mtls,
        kong=None if stores else find_kong(settings.edge),
        backups=settings.backup_root,
        stores_only=stores,
        report=lambda text: typer.echo(f"  {text}"),
        on_output=PrefixedOutput().write if verbose else _drop,
    )
    typer.echo(f"Flowloom starts in {settings.home_dir}")
    began = time.monotonic()
    if not await _unless(stop, platform.start()):
        await platform.stop()
        typer.echo("stopped before everything was ready")
        return 0
    backups = asyncio.create_task(_backups(settings))
    try:
        _welcome(platform, seconds=time.monotonic() - began, stores=stores)
        if example and not settings.no_example:
            await _unless(stop, _run_example(platform.owner))
        typer.echo("The platform stays up. Ctrl-C stops it.")
        await stop.wait()
    finally:
        backups.cancel()
        await asyncio.gather(backups, return_exceptions=True)
        typer.echo("\nstopping")
        await platform.stop()
    typer.echo("stopped")
    return 0


async def _backups(settings: Settings) -> None:
    if settings.backup_root is not None:
        await take_when_due(settings, settings.backup_root, lambda text: typer.echo(f"  {text}"))


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Do the work unless told to stop meanwhile; return whether it was done."""
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return False
    task.result()
    return True


def _drop(_name: str, _chunk: bytes) -> None:
    """Leave a log line to its file."""


def _welcome(platform: Platform, *, seconds: float, stores: bool) -> None:
    if stores:
        typer.secho(f"the stores are ready after {seconds:.1f} s", fg=typer.colors.GREEN)
        variables = platform.home / run_file.VARIABLES
        typer.echo(f"Now, in another terminal: . {variables} && dapr run -f {checkout.root()}")
        return
    typer.secho(f"ready after {seconds:.1f} s: {platform.base_url}", fg=typer.colors.GREEN)
    typer.echo(f"The owner's credentials are in {owner_file(platform.home)}")


async def _run_example(owner: Owner | None) -> None:
    if owner is None:
        typer.echo("There is no gateway here, so the example is left out.")
        return
    typer.echo(f"\nNow {EXAMPLE}, over the public interface:\n")
    await follow_file(owner, checkout.root() / EXAMPLE)


def require_what_the_run_file_says(settings: Settings) -> None:
    """Raise UsageError where dapr.yaml, whose paths and ports are fixed, would not find this platform."""
    said = {
        "FLOWLOOM_HOME": (settings.home_dir, checkout.root() / ".flowloom"),
        "FLOWLOOM_PORT": (settings.port, DEFAULT_PORT),
        "FLOWLOOM_PORT_BASE": (settings.port_base, DEFAULT_PORT_BASE),
        "FLOWLOOM_MTLS": (settings.mtls, False),
        "FLOWLOOM_PARTS": (settings.parts, ""),
    }
    wrong = [name for name, (given, expected) in said.items() if given != expected]
    if wrong:
        raise UsageError(
            f"dapr.yaml fits the defaults of {', '.join(wrong)} alone",
            hint="leave them out, or start services and sidecars with `flowloom up`",
        )


def detach(settings: Settings, *, stores: bool) -> None:
    """Start a supervisor of its own session and wait until it is ready or has failed."""
    home = settings.home_dir
    log = home / "logs" / "supervisor.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    HomeLock(home).require_free()
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "flowloom_cli", "up", *(["--stores"] if stores else [])],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment.of_supervisor(home),
        )
    deadline = time.monotonic() + DETACHED_LIMIT_S
    while time.monotonic() < deadline:
        status = read_status(home)
        if process.poll() is not None:
            tail = "\n".join(f"    {line}" for line in last_lines(log))
            raise _failed(process.returncode, f"the platform did not start; the end of {log}:\n{tail}")
        if status is not None and status.ready and status.supervisor == process.pid:
            typer.echo(f"ready: {status.url} (supervisor pid {process.pid}, log {log})")
            return
        time.sleep(PAUSE_S)
    raise CliError(f"not ready after {DETACHED_LIMIT_S:.0f} s", hint=f"read {log}, then `flowloom down`")


def _failed(code: int, message: str) -> CliError:
    error = CliError(message, hint="`flowloom doctor` says what is missing")
    error.exit_code = code or 1
    return error
