"""Where Alembic begins."""

from flowloom_servicekit.migrations import run_env

run_env()
