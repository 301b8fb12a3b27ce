"""Failures of the command line: what happened, what to try next, and the exit code."""


class CliError(Exception):
    """A failure to show to a person, without a traceback."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CliError):
    """The request itself was wrong: exit code 2."""

    exit_code = 2


class AlreadyRunningError(UsageError):
    """Another supervisor holds this home."""


class NotRunningError(CliError):
    """No supervisor holds this home."""


class PortTakenError(UsageError):
    """A port that the platform needs belongs to another process."""


class PartFailedError(CliError):
    """A part of the platform did not become ready; names the part, its log and what to try."""

    def __init__(self, part: str, message: str, *, log: str = "", hint: str = "") -> None:
        super().__init__(f"{part}: {message}", hint=hint)
        self.part = part
        self.log = log


class MissingBinaryError(CliError):
    """A program that the platform needs was not found and could not be obtained."""
