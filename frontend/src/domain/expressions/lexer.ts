/** Splits the text of an expression into tokens, one at a time, so that it ends where the expression ends. */
import { ExpressionSyntaxError } from "./errors";
import { MAX_INTEGER } from "./limits";

/** `kind`: `word`, `number`, `text`, `end`, or the sign itself. */
export interface Token {
  kind: string;
  start: number;
  end: number;
  value: string | number;
}

const SPACE = /(?:[ \t\r\n\f]+|\/\/[^\n]*)*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const SIGN = /&&|\|\||[<>=!]=|[-+*/%<>!?:.,()[\]{}]/y;
const TEXT = /[rR]?(?:"""|'''|"|')/y;
const ESCAPE =
  /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;
const SIMPLE_ESCAPES: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "`": "`",
  "?": "?",
};

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

export class Lexer {
  private readonly source: string;
  private position: number;

  constructor(source: string, position: number) {
    this.source = source;
    this.position = position;
  }

  /** Return the next token, `end` at the end of the text. */
  next(): Token {
    const start = this.position + (matchAt(SPACE, this.source, this.position)?.[0].length ?? 0);
    const token = this.read(start);
    this.position = token.end;
    return token;
  }

  private read(start: number): Token {
    if (start >= this.source.length) return { kind: "end", start, end: start, value: "" };
    const opening = matchAt(TEXT, this.source, start);
    if (opening) return this.readText(start, opening[0]);
    const word = matchAt(WORD, this.source, start);
    if (word) return { kind: "word", start, end: start + word[0].length, value: word[0] };
    const number = matchAt(NUMBER, this.source, start);
    if (number) return this.readNumber(start, number[0]);
    const sign = matchAt(SIGN, this.source, start);
    if (sign) return { kind: sign[0], start, end: start + sign[0].length, value: "" };
    const found = String.fromCodePoint(this.source.codePointAt(start) ?? 0);
    throw new ExpressionSyntaxError(`'${found}' has no meaning in an expression.`, {
      start,
      end: start + found.length,
      hint: hintFor(this.source.slice(start, start + 2)),
    });
  }

  private readNumber(start: number, digits: string): Token {
    const end = start + digits.length;
    const after = matchAt(WORD, this.source, end);
    if (after) {
      throw new ExpressionSyntaxError(`${digits}${after[0]} is not a number.`, {
        start,
        end: end + after[0].length,
      });
    }
    const value = Number(digits);
    const isWhole = /^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/.test(digits);
    if (isWhole && value > MAX_INTEGER) {
      const message = `${digits} is beyond ${MAX_INTEGER}, the greatest integer.`;
      throw new ExpressionSyntaxError(message, { start, end });
    }
    if (!Number.isFinite(value)) {
      throw new ExpressionSyntaxError(`${digits} is too great a number.`, { start, end });
    }
    return { kind: "number", start, end, value };
  }

  private readText(start: number, opening: string): Token {
    const isRaw = /^[rR]/.test(opening);
    const quote = isRaw ? opening.slice(1) : opening;
    let position = start + opening.length;
    let value = "";
    while (!this.source.startsWith(quote, position)) {
      const part = this.readCharacter(position, isRaw, quote.length === 3, start);
      value += part.value;
      position = part.end;
    }
    return { kind: "text", start, end: position + quote.length, value };
  }

  private readCharacter(position: number, isRaw: boolean, isMultiline: boolean, start: number) {
    const character = this.source[position];
    if (character === undefined || (character === "\n" && !isMultiline)) {
      throw new ExpressionSyntaxError("This text has no closing quote.", { start, end: position });
    }
    if (character !== "\\" || isRaw) return { value: character, end: position + 1 };
    const found = matchAt(ESCAPE, this.source, position);
    if (!found) {
      const shown = this.source.slice(position, position + 2);
      const hint = "Write \\\\ for a backslash.";
      throw new ExpressionSyntaxError(`'${shown}' is not an escape.`, { start: position, hint });
    }
    return { value: unescaped(found, position), end: position + found[0].length };
  }
}

function unescaped(found: RegExpExecArray, start: number): string {
  const [whole, simple, hex, short, long, octal] = found;
  if (simple) return SIMPLE_ESCAPES[simple] ?? simple;
  const code = octal ? Number.parseInt(octal, 8) : Number.parseInt(hex ?? short ?? long ?? "", 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new ExpressionSyntaxError(`${whole} is not a character.`, {
      start,
      end: start + whole.length,
    });
  }
  return String.fromCodePoint(code);
}

function hintFor(found: string): string | undefined {
  if (found.startsWith("=")) return "Write == to compare.";
  if (found.startsWith("&")) return "Write && for and.";
  return found.startsWith("|") ? "Write || for or." : undefined;
}
