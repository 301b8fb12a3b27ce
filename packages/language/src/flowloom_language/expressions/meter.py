"""Counts what an evaluation costs and stops it at the limits."""

from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.limits import MAX_CONTEXT, MAX_LIST_ITEMS, MAX_STEPS, MAX_TEXT


class Meter:
    """One evaluation's counter. `left` is public because every node of an expression counts itself down."""

    __slots__ = ("_read", "left")

    def __init__(self) -> None:
        self.left = MAX_STEPS
        self._read = 0

    def spend(self, steps: int) -> None:
        """Count work; raises ExpressionError when there is too much of it."""
        self.left -= steps
        if self.left < 0:
            self.refuse()

    def refuse(self) -> None:
        """Stop the evaluation; raises ExpressionError."""
        raise ExpressionError(f"The expression needs more than {MAX_STEPS} steps.")

    def text(self, length: int, *, per_step: int = 1_000, steps: int = 1) -> None:
        """Count a text that is worked on or made: `steps`, and one more for so many of its characters."""
        if length > MAX_TEXT:
            raise ExpressionError(f"A text of {length} characters is longer than {MAX_TEXT}.")
        self._read += length
        self.left -= steps + length // per_step
        if self._read > MAX_CONTEXT or self.left < 0:
            self.read(0)
            self.refuse()

    def read(self, length: int) -> None:
        """Count characters that are worked on."""
        self._read += length
        if self._read > MAX_CONTEXT:
            raise ExpressionError(f"The expression works on more than {MAX_CONTEXT} characters.")

    def items(self, count: int, *, per_step: int = 1) -> None:
        """Count the items of a list or map that is worked on or made, `per_step` of them at once."""
        if count > MAX_LIST_ITEMS:
            raise ExpressionError(f"A list of {count} items is longer than {MAX_LIST_ITEMS}.")
        self.spend(1 + count // per_step)
