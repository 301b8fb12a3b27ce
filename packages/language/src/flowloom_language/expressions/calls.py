"""Check a call while it is parsed: that the function exists and the arguments are right for it."""

from collections.abc import Sequence
from difflib import get_close_matches

from flowloom_language.expressions.errors import ExpressionSyntaxError, UnknownFunctionError
from flowloom_language.expressions.functions import FUNCTIONS, LAZY
from flowloom_language.expressions.functions_of_text import PatternError, compile_pattern
from flowloom_language.expressions.lexer import Token
from flowloom_language.expressions.syntax import Index, Literal, Node, Select

_MACROS = ("all", "exists", "filter", "map")


def check_call(name: str, arguments: Sequence[Node], word: Token, *, is_method: bool) -> None:
    """Raise UnknownFunctionError or ExpressionSyntaxError if the call can never work."""
    if name not in FUNCTIONS and name not in LAZY:
        raise UnknownFunctionError(
            f"There is no function {name!r}.", word.start, end=word.end, hint=_nearest(name)
        )
    if is_method and not (name in FUNCTIONS and FUNCTIONS[name].method):
        raise ExpressionSyntaxError(
            f"{name} is not a method.", word.start, end=word.end, hint=f"Write {name}(x, …)."
        )
    _check_count(name, len(arguments), word)
    if name == "has" and not isinstance(arguments[0], Select | Index):
        raise ExpressionSyntaxError("has needs a path such as steps.a.output.b.", word.start, end=word.end)
    if name == "matches" and isinstance(arguments[1], Literal):
        _check_pattern(arguments[1])


def _check_count(name: str, count: int, word: Token) -> None:
    fits = count == LAZY[name] if name in LAZY else FUNCTIONS[name].takes(count)
    if fits:
        return
    least = LAZY[name] if name in LAZY else FUNCTIONS[name].least
    raise ExpressionSyntaxError(
        f"{name} takes {least} argument{'s' if least != 1 else ''}, not {count}.", word.start, end=word.end
    )


def _check_pattern(pattern: Literal) -> None:
    if not isinstance(pattern.value, str):
        return
    try:
        compile_pattern(pattern.value)
    except PatternError as error:
        raise ExpressionSyntaxError(str(error), pattern.start, end=pattern.end) from error


def _nearest(name: str) -> str | None:
    if name in _MACROS:
        return f"Write list.{name}(x, …)."
    close = get_close_matches(name, [*FUNCTIONS, *LAZY, *_MACROS], n=1)
    return f"Did you mean {close[0]}?" if close else None
