/** Turns the text of an expression into its syntax tree, within the static limits. */
import { checkCall, MACROS } from "./calls";
import { ExpressionSyntaxError } from "./errors";
import { Lexer, type Token } from "./lexer";
import { MAX_CHARACTERS, MAX_COMPREHENSIONS, MAX_NESTING, MAX_OPERATORS } from "./limits";
import type { Node } from "./syntax";

const CONSTANTS = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const BINDING: Record<string, number> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  in: 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
};

/** Return the syntax tree of a whole text; throws ExpressionSyntaxError. */
export function parseExpression(text: string): Node {
  const { node, end } = parsePrefix(text, 0);
  const rest = new Lexer(text, end).next();
  if (rest.kind !== "end") {
    throw new ExpressionSyntaxError(`Unexpected ${shown(text, rest)}.`, rest);
  }
  return node;
}

/** Parse the expression that begins at `start`; also return where it ended. */
export function parsePrefix(text: string, start: number): { node: Node; end: number } {
  const parser = new Parser(text, start);
  const node = parser.expression();
  return { node, end: parser.token.start };
}

class Parser {
  token: Token;
  private readonly source: string;
  private readonly begin: number;
  private readonly lexer: Lexer;
  private operators = 0;
  private nesting = 0;
  private comprehensions = 0;
  private lastEnd: number;

  constructor(source: string, begin: number) {
    this.source = source;
    this.begin = begin;
    this.lexer = new Lexer(source, begin);
    this.lastEnd = begin;
    this.token = this.lexer.next();
    if (this.token.kind === "end" || this.token.kind === "}") {
      const end = Math.max(this.token.start, begin + 1);
      throw new ExpressionSyntaxError("The expression is empty.", { start: begin, end });
    }
  }

  expression(): Node {
    this.nesting += 1;
    if (this.nesting > MAX_NESTING)
      throw this.tooComplex(`nested deeper than ${MAX_NESTING} levels`);
    const node = this.conditional();
    this.nesting -= 1;
    return node;
  }

  private conditional(): Node {
    const test = this.binary(1);
    if (this.token.kind !== "?") return test;
    this.countOperator();
    const yes = this.expression();
    this.expect(":");
    const no = this.expression();
    return { type: "conditional", start: test.start, end: no.end, test, yes, no };
  }

  private binary(least: number): Node {
    let left = this.unary();
    for (;;) {
      const operator = this.isWord("in") ? "in" : this.token.kind;
      const binding = BINDING[operator] ?? 0;
      if (binding < least) return left;
      this.countOperator();
      const right = this.binary(binding + 1);
      left = { type: "binary", start: left.start, end: right.end, operator, left, right };
    }
  }

  private unary(): Node {
    const signs: Token[] = [];
    while (this.token.kind === "!" || this.token.kind === "-") {
      signs.push(this.token);
      this.countOperator();
    }
    let node = this.postfix();
    for (const sign of signs.reverse()) {
      node = {
        type: "unary",
        start: sign.start,
        end: node.end,
        operator: sign.kind,
        operand: node,
      };
    }
    return node;
  }

  private postfix(): Node {
    let node = this.primary();
    for (;;) {
      if (this.token.kind === ".") {
        this.advance();
        node = this.member(node);
      } else if (this.token.kind === "[") {
        this.advance();
        const key = this.expression();
        const end = this.expect("]").end;
        node = { type: "index", start: node.start, end, target: node, key };
      } else {
        return node;
      }
    }
  }

  private member(target: Node): Node {
    const word = this.expect("word");
    const name = String(word.value);
    if (this.token.kind !== "(") {
      return { type: "select", start: target.start, end: word.end, target, field: name };
    }
    this.advance();
    if (MACROS.has(name)) return this.comprehension(name, target, word);
    return this.call(name, word, [target, ...this.list(")")], true);
  }

  private comprehension(macro: string, over: Node, word: Token): Node {
    this.comprehensions += 1;
    if (this.comprehensions > MAX_COMPREHENSIONS) {
      throw this.tooComplex(`more than ${MAX_COMPREHENSIONS} of all, exists, filter and map`);
    }
    const variable = this.expect("word");
    const name = String(variable.value);
    if (CONSTANTS.has(name) || name === "in") {
      throw new ExpressionSyntaxError(`${name} cannot name an item.`, variable);
    }
    if (this.token.kind !== ",") {
      const place = {
        start: word.start,
        end: this.token.start,
        hint: `Write list.${macro}(x, …).`,
      };
      throw new ExpressionSyntaxError(`${macro} needs a name and an expression.`, place);
    }
    this.advance();
    const body = this.expression();
    const end = this.expect(")").end;
    return { type: "comprehension", start: over.start, end, macro, over, variable: name, body };
  }

  private primary(): Node {
    const token = this.token;
    switch (token.kind) {
      case "number":
      case "text":
        this.advance();
        return { type: "literal", start: token.start, end: token.end, value: token.value };
      case "word":
        return this.word(token);
      case "(": {
        this.advance();
        const node = this.expression();
        this.expect(")");
        return node;
      }
      case "[": {
        this.advance();
        const items = this.list("]");
        return { type: "list", start: token.start, end: this.lastEnd, items };
      }
      case "{":
        this.advance();
        return this.map(token);
      default: {
        const found = `Unexpected ${shown(this.source, token)}.`;
        const end = Math.max(token.end, token.start + 1);
        const message = token.kind === "end" ? "A value is missing here." : found;
        throw new ExpressionSyntaxError(message, { start: token.start, end });
      }
    }
  }

  private word(token: Token): Node {
    const name = String(token.value);
    this.advance();
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) {
      return { type: "literal", start: token.start, end: token.end, value: constant };
    }
    if (name === "in") throw new ExpressionSyntaxError("in needs a value on its left.", token);
    if (this.token.kind !== "(") {
      return { type: "name", start: token.start, end: token.end, name };
    }
    this.advance();
    return this.call(name, token, this.list(")"), false);
  }

  private call(name: string, word: Token, list: Node[], isMethod: boolean): Node {
    checkCall(name, list, word, isMethod);
    const start = isMethod ? (list[0]?.start ?? word.start) : word.start;
    return { type: "call", start, end: this.lastEnd, function: name, arguments: list };
  }

  private list(closing: string): Node[] {
    const nodes: Node[] = [];
    while (this.token.kind !== closing) {
      nodes.push(this.expression());
      if (this.token.kind !== ",") break;
      this.advance();
    }
    this.expect(closing);
    return nodes;
  }

  private map(opening: Token): Node {
    const entries: [Node, Node][] = [];
    while (this.token.kind !== "}") {
      const key = this.expression();
      this.expect(":");
      entries.push([key, this.expression()]);
      if (this.token.kind !== ",") break;
      this.advance();
    }
    return { type: "map", start: opening.start, end: this.expect("}").end, entries };
  }

  private isWord(word: string): boolean {
    return this.token.kind === "word" && this.token.value === word;
  }

  private countOperator(): void {
    this.operators += 1;
    if (this.operators > MAX_OPERATORS)
      throw this.tooComplex(`more than ${MAX_OPERATORS} operators`);
    this.advance();
  }

  private advance(): Token {
    const taken = this.token;
    this.lastEnd = taken.end;
    if (taken.end - this.begin > MAX_CHARACTERS) {
      throw this.tooComplex(`longer than ${MAX_CHARACTERS} characters`);
    }
    this.token = this.lexer.next();
    return taken;
  }

  private expect(kind: string): Token {
    if (this.token.kind === kind) return this.advance();
    const expected = kind === "word" ? "a name" : `'${kind}'`;
    const found = shown(this.source, this.token);
    throw new ExpressionSyntaxError(`Expected ${expected} but found ${found}.`, {
      start: this.token.start,
      end: Math.max(this.token.end, this.token.start + 1),
    });
  }

  private tooComplex(reason: string): ExpressionSyntaxError {
    const place = {
      start: this.begin,
      end: this.token.end,
      hint: "Split it over transform steps.",
    };
    return new ExpressionSyntaxError(
      `The expression is ${reason}.`,
      place,
      "expression_too_complex",
    );
  }
}

function shown(text: string, token: Token): string {
  return token.kind === "end" ? "the end of the text" : `'${text.slice(token.start, token.end)}'`;
}
