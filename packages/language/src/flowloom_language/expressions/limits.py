"""What one expression may ask for: fixed before it runs, and counted while it runs."""

from typing import Final

MAX_CHARACTERS: Final = 1_024
MAX_OPERATORS: Final = 64
MAX_NESTING: Final = 16
MAX_COMPREHENSIONS: Final = 2
MAX_LIST_ITEMS: Final = 10_000
MAX_TEXT: Final = 1_000_000
"""Characters of a text that an expression works on or makes."""
MAX_CONTEXT: Final = 4_000_000
"""Characters and items that one expression may read from its scope."""
MAX_PATTERN: Final = 200
"""Characters of a pattern for `matches` that is not a literal."""
MAX_STEPS: Final = 25_000
"""Nodes visited and items touched by one evaluation: at most 5 ms (S36), on slow processors too."""
MAX_INTEGER: Final = 2**53 - 1
MAX_VALUE_DEPTH: Final = 64
"""How deep lists and maps may be nested in a value that is compared, printed or parsed."""
