"""What can become of a program instead of a value; each error knows its code of the workflow language."""

from typing import ClassVar


class CodeFailureError(Exception):
    """The base of everything `CodeRunner.run` raises on purpose; its text is for people."""

    code: ClassVar[str] = "code_error"

    def __init__(self, message: str, *, printed: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.printed = printed


class CodeError(CodeFailureError):
    """The program's own error: an exception it did not catch, or text that is no program."""

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, printed: str = ""
    ) -> None:
        where = f"Line {line}: " if line else ""
        super().__init__(where + message, printed=printed)
        self.line = line
        self.column = column


class CodeTimeoutError(CodeFailureError):
    """The program was stopped at its time limit."""

    code: ClassVar[str] = "timeout"


class CodeMemoryError(CodeFailureError):
    """The program was stopped at its memory limit."""


class CodeRefusedError(CodeFailureError):
    """What the sandbox does not let in or out: an import, a value that is not JSON, something too large."""

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, printed: str = ""
    ) -> None:
        where = f"Line {line}: " if line else ""
        super().__init__(where + message, printed=printed)
        self.line = line
        self.column = column


class CodeResultError(CodeRefusedError):
    """The program ended well, but its value cannot be an output of a step."""

    code: ClassVar[str] = "invalid_output"


class SandboxUnavailableError(CodeFailureError):
    """This machine cannot run programs safely; the operator must act, not the writer of the program."""

    code: ClassVar[str] = "internal"
