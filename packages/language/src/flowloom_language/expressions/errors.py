"""What can go wrong with an expression: its text before the run, its values during the run."""


class ExpressionSyntaxError(ValueError):
    """The text is not an expression; `position` counts characters from the start of the template."""

    code = "expression_syntax"

    def __init__(
        self, message: str, position: int, *, end: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.end = position + 1 if end is None else end
        self.hint = hint


class ExpressionTooComplexError(ExpressionSyntaxError):
    """The expression is beyond a static limit."""

    code = "expression_too_complex"


class UnknownFunctionError(ExpressionSyntaxError):
    """There is no such function."""

    code = "unknown_function"


class ExpressionError(Exception):
    """An evaluation failed; the step's error code is `expression`."""


class MissingValueError(ExpressionError):
    """A path does not exist; what `default` and `has` are for."""
