"""Counts what an evaluation costs and stops it at the limits."""

from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.limits import MAX_CONTEXT, MAX_LIST_ITEMS, MAX_STEPS, MAX_TEXT


class Meter:
    """One evaluation's counter."""

    __slots__ = ("_read", "_steps")

    def __init__(self) -> None:
        self._steps = 0
        self._read = 0

    def spend(self, steps: int) -> None:
        """Count work; raises ExpressionError when there is too much of it."""
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise ExpressionError(f"The expression needs more than {MAX_STEPS} steps.")

    def text(self, length: int) -> None:
        """Count a text that is worked on or made."""
        if length > MAX_TEXT:
            raise ExpressionError(f"A text of {length} characters is longer than {MAX_TEXT}.")
        self._read += length
        if self._read > MAX_CONTEXT:
            raise ExpressionError(f"The expression works on more than {MAX_CONTEXT} characters.")
        self.spend(1 + length // 1_000)

    def items(self, count: int) -> None:
        """Count the items of a list or map that is worked on or made."""
        if count > MAX_LIST_ITEMS:
            raise ExpressionError(f"A list of {count} items is longer than {MAX_LIST_ITEMS}.")
        self.spend(1 + count)
