"""Read workflow files given on the command line."""

from pathlib import Path

from flowloom_cli.errors import UsageError


def read_document(path: Path) -> str:
    """Return a file's text; raises UsageError when it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {str(path)!r}") from error
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{str(path)!r} is not UTF-8 text (byte {error.start})") from error
