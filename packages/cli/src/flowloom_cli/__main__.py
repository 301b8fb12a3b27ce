"""`python -m flowloom_cli` is the `flowloom` command."""

from flowloom_cli.main import run

run()
