"""What the table of functions says about each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.meter import Meter

Arguments: TypeAlias = Sequence[JsonValue]


@dataclass(frozen=True, slots=True)
class Function:
    """A function, how many arguments it takes, and whether `a.f(b)` is allowed too."""

    run: Callable[[Arguments, Meter], JsonValue]
    least: int
    most: int = 0
    method: bool = False

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return self.least <= count <= max(self.least, self.most)
