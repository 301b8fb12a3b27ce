"""Where the files of the repository lie that the platform needs at run time."""

from pathlib import Path

from flowloom_cli.environment import given_root
from flowloom_cli.errors import UsageError


def root() -> Path:
    """Return the checkout that this package was installed from (`FLOWLOOM_ROOT` overrides it)."""
    candidate = given_root() or Path(__file__).resolve().parents[4]
    if not (candidate / "dapr" / "components").is_dir():
        raise UsageError(
            f"{str(candidate)!r} is not a checkout of Flowloom: it has no dapr/components",
            hint="set FLOWLOOM_ROOT to the checkout",
        )
    return candidate


def built_page() -> Path | None:
    """Return the folder of the built browser application, None when it was not built."""
    folder = root() / "frontend" / "dist"
    return folder if (folder / "index.html").is_file() else None
