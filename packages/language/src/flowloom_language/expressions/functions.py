"""The one table of all functions of the language."""

from typing import Final

from flowloom_language.expressions import functions_of_lists, functions_of_text
from flowloom_language.expressions.signatures import Function

FUNCTIONS: Final[dict[str, Function]] = {**functions_of_text.FUNCTIONS, **functions_of_lists.FUNCTIONS}

LAZY: Final = {"default": 2, "has": 1}
"""The evaluator's own calls, whose arguments may not exist, and how many they take."""
