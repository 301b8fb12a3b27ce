"""Turns the text of an expression into its syntax tree, within the static limits."""

from typing import Final

from flowloom_language.expressions.calls import check_call
from flowloom_language.expressions.errors import ExpressionSyntaxError, ExpressionTooComplexError
from flowloom_language.expressions.lexer import Lexer, Token
from flowloom_language.expressions.limits import (
    MAX_CHARACTERS,
    MAX_COMPREHENSIONS,
    MAX_NESTING,
    MAX_OPERATORS,
)
from flowloom_language.expressions.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Select,
    Unary,
)

MACROS: Final = frozenset({"all", "exists", "filter", "map"})
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_BINDING: Final = {
    "||": 1, "&&": 2,
    "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip


def parse_expression(text: str) -> Node:
    """Return the syntax tree of a whole text; raises ExpressionSyntaxError and its kinds."""
    node, end = parse_prefix(text, 0)
    parser = Lexer(text, end)
    rest = parser.next()
    if rest.kind != "end":
        raise ExpressionSyntaxError(f"Unexpected {_shown(text, rest)}.", rest.start, end=rest.end)
    return node


def parse_prefix(text: str, start: int) -> tuple[Node, int]:
    """Parse the expression that begins at `start`; also return where it ended."""
    parser = _Parser(text, start)
    node = parser.expression()
    return node, parser.token.start


class _Parser:
    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._start = start
        self._lexer = Lexer(text, start)
        self._operators = 0
        self._nesting = 0
        self._comprehensions = 0
        self._last_end = start
        self.token = self._lexer.next()
        if self.token.kind in ("end", "}"):
            raise ExpressionSyntaxError(
                "The expression is empty.", start, end=max(self.token.start, start + 1)
            )

    def expression(self) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self._too_complex(f"nested deeper than {MAX_NESTING} levels")
        node = self._conditional()
        self._nesting -= 1
        return node

    def _conditional(self) -> Node:
        test = self._binary(1)
        if self.token.kind != "?":
            return test
        self._count_operator()
        yes = self.expression()
        self._expect(":")
        no = self.expression()
        return Conditional(test.start, no.end, test, yes, no)

    def _binary(self, least: int) -> Node:
        left = self._unary()
        while (binding := _BINDING.get(self._operator(), 0)) >= least:
            operator = self._operator()
            self._count_operator()
            right = self._binary(binding + 1)
            left = Binary(left.start, right.end, operator, left, right)
        return left

    def _operator(self) -> str:
        return "in" if self._is_word("in") else self.token.kind

    def _unary(self) -> Node:
        signs = list[Token]()
        while self.token.kind in ("!", "-"):
            signs.append(self.token)
            self._count_operator()
        node = self._postfix()
        for sign in reversed(signs):
            node = Unary(sign.start, node.end, sign.kind, node)
        return node

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            if self.token.kind == ".":
                self._advance()
                node = self._member(node)
            elif self.token.kind == "[":
                self._advance()
                key = self.expression()
                node = Index(node.start, self._expect("]").end, node, key)
            else:
                return node

    def _member(self, target: Node) -> Node:
        word = self._expect("word")
        name = str(word.value)
        if self.token.kind != "(":
            return Select(target.start, word.end, target, name)
        self._advance()
        if name in MACROS:
            return self._comprehension(name, target, word)
        arguments = (target, *self._arguments(")"))
        return self._call(name, word, arguments, is_method=True)

    def _comprehension(self, macro: str, over: Node, word: Token) -> Node:
        self._comprehensions += 1
        if self._comprehensions > MAX_COMPREHENSIONS:
            raise self._too_complex(f"more than {MAX_COMPREHENSIONS} of all, exists, filter and map")
        variable = self._expect("word")
        if variable.value in _CONSTANTS or variable.value == "in":
            raise ExpressionSyntaxError(
                f"{variable.value} cannot name an item.", variable.start, end=variable.end
            )
        if self.token.kind != ",":
            raise ExpressionSyntaxError(
                f"{macro} needs a name and an expression.",
                word.start,
                end=self.token.start,
                hint=f"Write list.{macro}(x, …).",
            )
        self._advance()
        body = self.expression()
        end = self._expect(")").end
        return Comprehension(over.start, end, macro, over, str(variable.value), body)

    def _primary(self) -> Node:
        token = self.token
        match token.kind:
            case "number" | "text":
                self._advance()
                return Literal(token.start, token.end, token.value)
            case "word":
                return self._word(token)
            case "(":
                self._advance()
                node = self.expression()
                self._expect(")")
                return node
            case "[":
                self._advance()
                items = self._arguments("]")
                return ListOf(token.start, self._last_end, items)
            case "{":
                self._advance()
                return self._map(token)
        raise ExpressionSyntaxError(
            "A value is missing here." if token.kind == "end" else f"Unexpected {_shown(self._text, token)}.",
            token.start,
            end=max(token.end, token.start + 1),
        )

    def _word(self, token: Token) -> Node:
        name = str(token.value)
        self._advance()
        if name in _CONSTANTS:
            return Literal(token.start, token.end, _CONSTANTS[name])
        if name == "in":
            raise ExpressionSyntaxError("in needs a value on its left.", token.start, end=token.end)
        if self.token.kind != "(":
            return Name(token.start, token.end, name)
        self._advance()
        return self._call(name, token, self._arguments(")"), is_method=False)

    def _call(self, name: str, word: Token, arguments: tuple[Node, ...], *, is_method: bool) -> Node:
        check_call(name, arguments, word, is_method=is_method)
        start = arguments[0].start if is_method else word.start
        return Call(start, self._last_end, name, arguments)

    def _arguments(self, closing: str) -> tuple[Node, ...]:
        nodes = list[Node]()
        while self.token.kind != closing:
            nodes.append(self.expression())
            if self.token.kind != ",":
                break
            self._advance()
        self._expect(closing)
        return tuple(nodes)

    def _map(self, opening: Token) -> Node:
        entries = list[tuple[Node, Node]]()
        while self.token.kind != "}":
            key = self.expression()
            self._expect(":")
            entries.append((key, self.expression()))
            if self.token.kind != ",":
                break
            self._advance()
        return MapOf(opening.start, self._expect("}").end, tuple(entries))

    def _is_word(self, word: str) -> bool:
        return self.token.kind == "word" and self.token.value == word

    def _count_operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise self._too_complex(f"more than {MAX_OPERATORS} operators")
        self._advance()

    def _advance(self) -> Token:
        taken = self.token
        self._last_end = taken.end
        if taken.end - self._start > MAX_CHARACTERS:
            raise self._too_complex(f"longer than {MAX_CHARACTERS} characters")
        self.token = self._lexer.next()
        return taken

    def _expect(self, kind: str) -> Token:
        if self.token.kind == kind:
            return self._advance()
        expected = "a name" if kind == "word" else f"{kind!r}"
        found = _shown(self._text, self.token)
        raise ExpressionSyntaxError(
            f"Expected {expected} but found {found}.",
            self.token.start,
            end=max(self.token.end, self.token.start + 1),
        )

    def _too_complex(self, reason: str) -> ExpressionTooComplexError:
        return ExpressionTooComplexError(
            f"The expression is {reason}.",
            self._start,
            end=self.token.end,
            hint="Split it over transform steps.",
        )


def _shown(text: str, token: Token) -> str:
    return "the end of the text" if token.kind == "end" else f"{text[token.start : token.end]!r}"
