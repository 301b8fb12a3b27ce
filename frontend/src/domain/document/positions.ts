/** Finds where the characters of a scalar are written, whatever its quotes, escapes and folded lines. */
import type { ScalarNode } from "./source-tree";

const LONG_ESCAPES: Record<string, number> = { x: 4, u: 6, U: 10 };
const SPACE = /\s/;

/** Return the index in the source of each of the first `end` characters of a scalar's value. */
export function sourceIndexes(source: string, scalar: ScalarNode, end: number): number[] {
  const value = String(scalar.value);
  const indexes: number[] = [];
  let position = contentStart(source, scalar);
  for (const character of value.slice(0, end)) {
    position = afterJoinedLine(source, position, scalar.style);
    if (!SPACE.test(character)) {
      while (position < scalar.end && SPACE.test(source[position] ?? "")) position += 1;
    }
    const index = Math.min(position, Math.max(scalar.start, scalar.end - 1));
    for (let unit = 0; unit < character.length; unit += 1) indexes.push(index + unit);
    position += width(source, position, character, scalar.style);
  }
  return indexes;
}

/** Return the characters of the source that hold the characters `start` to `end` of a scalar's value. */
export function rangeWithin(source: string, scalar: ScalarNode, start: number, end: number) {
  const indexes = sourceIndexes(source, scalar, end);
  const from = indexes[Math.min(start, indexes.length - 1)] ?? scalar.start;
  const last = end > 0 ? indexes[end - 1] : undefined;
  return { start: from, end: last === undefined ? Math.max(from + 1, scalar.end) : last + 1 };
}

/** In double quotes a backslash at the end of a line takes the line's end and the indent away. */
function afterJoinedLine(source: string, position: number, style: string): number {
  if (style !== '"' || source[position] !== "\\" || !/[\r\n]/.test(source[position + 1] ?? ""))
    return position;
  let found = position + 1;
  while (found < source.length && SPACE.test(source[found] ?? "")) found += 1;
  return found;
}

function contentStart(source: string, scalar: ScalarNode): number {
  if (scalar.style === "|" || scalar.style === ">") {
    const lineEnd = source.indexOf("\n", scalar.start);
    return lineEnd < 0 ? scalar.end : lineEnd + 1;
  }
  return scalar.style === "" ? scalar.start : scalar.start + 1;
}

function width(source: string, position: number, character: string, style: string): number {
  const found = source[position] ?? "";
  if (style === '"' && found === "\\") return LONG_ESCAPES[source[position + 1] ?? ""] ?? 2;
  if (style === "'" && source.startsWith("''", position)) return 2;
  return SPACE.test(character) && !SPACE.test(found) ? 0 : character.length;
}

/** Return line and column, from 1, of an index of the text; columns count code points. */
export function lineAndColumn(source: string, index: number): { line: number; column: number } {
  const before = source.slice(0, index);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { line, column: [...before.slice(lineStart)].length + 1 };
}

/** Return the index of a line and column. */
export function indexOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = source.indexOf("\n", start);
    if (end < 0) return source.length;
    start = end + 1;
  }
  const text = source.slice(start).split("\n", 1)[0] ?? "";
  return start + [...text].slice(0, column - 1).join("").length;
}
