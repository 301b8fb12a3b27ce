/** Edits of a YAML text at a path: each returns the ranges to replace, and touches nothing else. */
import type { JsonObject, JsonValue } from "../expressions/values";
import {
  type Entry,
  entryOf,
  type MappingNode,
  nodeAt,
  type Path,
  type SequenceNode,
  type SourceTree,
  type TreeNode,
  toData,
} from "./source-tree";
import type { TextEdit } from "./text-edits";
import {
  writeAfterKey,
  writeEntries,
  writeEntry,
  writeInline,
  writeItem,
  writeScalar,
} from "./yaml-writer";

/** Set the value at a path; missing mappings on the way are made. */
export function setAt(tree: SourceTree, path: Path, value: JsonValue): TextEdit[] {
  const parent = nodeAt(tree.root, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined || !tree.root) return [];
  if (parent?.type === "sequence" && typeof last === "number")
    return setItem(tree.source, parent, last, value);
  if (parent?.type === "mapping") {
    const entry = entryOf(parent, last);
    if (entry) return setEntry(tree.source, parent, entry, value);
    return [insertEntry(tree.source, parent, String(last), value)];
  }
  return setAt(tree, path.slice(0, -1), { [String(last)]: value });
}

function setEntry(source: string, parent: MappingNode, entry: Entry, value: JsonValue): TextEdit[] {
  const { value: old } = entry;
  const colon = source.indexOf(":", entry.keyEnd) + 1;
  if (parent.isFlow) return [replaceInline(source, colon, old, writeInline(value))];
  const isInline = old.start === old.end || !source.slice(entry.keyEnd, old.start).includes("\n");
  const hasComment = /^[ \t]*#/.test(restOfLine(source, old.end));
  const written =
    isInline && (hasComment || isFlowLike(old)) && typeof value === "object"
      ? ` ${writeInline(value)}`
      : hasComment && isInline
        ? ` ${typeof value === "string" ? writeScalar(value) : writeInline(value)}`
        : writeAfterKey(value, columnOf(source, entry.keyStart));
  return [replaceAfterColon(source, colon, old, written)];
}

/** Write the entries of a map on lines of their own; where a comment follows, or a line holds more, it stays as it is. */
export function asLines(tree: SourceTree, path: Path): TextEdit[] {
  const parent = nodeAt(tree.root, path.slice(0, -1));
  const entry = entryOf(parent, path.at(-1) ?? "");
  if (parent?.type !== "mapping" || parent.isFlow || !entry) return [];
  const { value } = entry;
  const isOnOne = value.type === "mapping" && value.isFlow && value.entries.length > 0;
  if (!isOnOne || /^[ \t]*#/.test(restOfLine(tree.source, value.end))) return [];
  const colon = tree.source.indexOf(":", entry.keyEnd) + 1;
  const indent = columnOf(tree.source, entry.keyStart) + 2;
  const lines = writeEntries(toData(value) as JsonObject, indent);
  return [replaceAfterColon(tree.source, colon, value, `\n${lines}`)];
}

/** A list or map on one line stays one: it was written so by somebody. */
function isFlowLike(node: TreeNode): boolean {
  return node.type !== "scalar" && node.isFlow;
}

function replaceAfterColon(
  source: string,
  colon: number,
  old: TreeNode,
  written: string,
): TextEdit {
  const isEmpty = old.start === old.end;
  // Anchors and comments between the colon and the value stay when the new value has one line too.
  const keepsLead =
    !isEmpty && !written.startsWith("\n") && !source.slice(colon, old.start).includes("\n");
  const start = keepsLead ? old.start : colon;
  const text = keepsLead ? written.trimStart() : written;
  const end = isEmpty ? colon : old.end;
  const endsLine = end > start && source[end - 1] === "\n";
  return { start, end, text: endsLine && !text.endsWith("\n") ? `${text}\n` : text };
}

function replaceInline(source: string, colon: number, old: TreeNode, text: string): TextEdit {
  if (old.start === old.end) return { start: colon, end: colon, text: ` ${text}` };
  return {
    start: old.start,
    end: old.end,
    text: source[old.start - 1] === ":" ? ` ${text}` : text,
  };
}

function setItem(
  source: string,
  parent: SequenceNode,
  position: number,
  value: JsonValue,
): TextEdit[] {
  const old = parent.items[position];
  if (!old) return appendItems(source, parent, [value]);
  if (parent.isFlow || old.type === "scalar") {
    return [{ start: old.start, end: trimmedEnd(source, old), text: writeInline(value) }];
  }
  const indent = columnOf(source, old.start) - 2;
  return [
    {
      start: old.start,
      end: trimmedEnd(source, old),
      text: writeItem(value, indent).slice(indent + 2),
    },
  ];
}

/** Put an entry into a mapping, after another one or at its end. */
export function insertEntry(
  source: string,
  parent: MappingNode,
  key: string,
  value: JsonValue,
  after?: string,
): TextEdit {
  const before =
    (after === undefined ? undefined : entryOf(parent, after)) ?? parent.entries.at(-1);
  if (parent.isFlow) {
    const written = `${writeScalar(key)}: ${writeInline(value)}`;
    if (!before) return { start: parent.start + 1, end: parent.start + 1, text: written };
    return { start: entryEnd(before), end: entryEnd(before), text: `, ${written}` };
  }
  const indent = before ? columnOf(source, before.keyStart) : columnOf(source, parent.start);
  return insertLines(
    source,
    before ? entryEnd(before) : parent.end,
    writeEntry(key, value, indent),
  );
}

/** Put entries as they are written, at the left edge, at the end of a mapping that has lines of its own. */
export function insertEntryTexts(source: string, parent: MappingNode, texts: string[]): TextEdit {
  const last = parent.entries.at(-1);
  const pad = " ".repeat(last ? columnOf(source, last.keyStart) : columnOf(source, parent.start));
  const lines = texts.flatMap((text) => text.split("\n")).map((line) => (line ? pad + line : line));
  return insertLines(source, last ? entryEnd(last) : parent.end, lines.join("\n"));
}

/** Put lines below the line in which a part ends. */
function insertLines(source: string, end: number, lines: string): TextEdit {
  if (end > 0 && source[end - 1] === "\n") return { start: end, end, text: `${lines}\n` };
  const at = lineEnd(source, end);
  return { start: at, end: at, text: `\n${lines}` };
}

/** Take an entry out of a mapping; a mapping that becomes empty is written `{}`. */
export function deleteEntry(tree: SourceTree, path: Path): TextEdit[] {
  const parentPath = path.slice(0, -1);
  const parent = nodeAt(tree.root, parentPath);
  const entry = entryOf(parent, path.at(-1) ?? "");
  if (parent?.type !== "mapping" || !entry) return [];
  if (parent.entries.length === 1)
    return parent.isFlow ? [emptied(parent, "{}")] : setAt(tree, parentPath, {});
  const position = parent.entries.indexOf(entry);
  return [deletion(tree.source, parent.isFlow, parent.entries.map(placeOf), position)];
}

function placeOf(entry: Entry) {
  return { start: entry.keyStart, end: entryEnd(entry) };
}

/** Take an item out of a sequence; one that becomes empty is written `[]`. */
export function deleteItem(tree: SourceTree, path: Path): TextEdit[] {
  const parentPath = path.slice(0, -1);
  const parent = nodeAt(tree.root, parentPath);
  const position = path.at(-1);
  if (parent?.type !== "sequence" || typeof position !== "number" || !parent.items[position])
    return [];
  if (parent.items.length === 1)
    return parent.isFlow ? [emptied(parent, "[]")] : setAt(tree, parentPath, []);
  return [deletion(tree.source, parent.isFlow, parent.items, position)];
}

function emptied(node: MappingNode | SequenceNode, text: string): TextEdit {
  return { start: node.start, end: node.end, text };
}

function deletion(
  source: string,
  isFlow: boolean,
  places: { start: number; end: number }[],
  position: number,
): TextEdit {
  const own = places[position] ?? { start: 0, end: 0 };
  const next = places[position + 1];
  const before = places[position - 1];
  if (isFlow && next) return { start: own.start, end: next.start, text: "" };
  if (isFlow) return { start: before?.end ?? own.start, end: own.end, text: "" };
  const lineStart = source.lastIndexOf("\n", own.start - 1) + 1;
  const isAlone = /^[ ]*(?:- *)?$/.test(source.slice(lineStart, own.start));
  const isFirstOfItem =
    source.slice(lineStart, own.start).includes("-") &&
    next !== undefined &&
    before === undefined &&
    isMappingPlace(source, own);
  if (!isAlone || isFirstOfItem) return { start: own.start, end: next?.start ?? own.end, text: "" };
  const end =
    own.end > own.start && source[own.end - 1] === "\n"
      ? own.end
      : Math.min(source.length, lineEnd(source, own.end) + 1);
  return { start: lineStart, end, text: "" };
}

/** Whether the place is an entry, not an item: an entry begins with its key. */
function isMappingPlace(source: string, place: { start: number; end: number }): boolean {
  return /^[^\n]*?:(?:\s|$)/.test(source.slice(place.start, place.end + 1));
}

/** Give the key of an entry another name. */
export function renameKey(tree: SourceTree, path: Path, name: string): TextEdit[] {
  const entry = entryOf(nodeAt(tree.root, path.slice(0, -1)), path.at(-1) ?? "");
  return entry ? [{ start: entry.keyStart, end: entry.keyEnd, text: writeScalar(name) }] : [];
}

/** Put items at the end of a sequence. */
export function appendItems(source: string, parent: SequenceNode, values: JsonValue[]): TextEdit[] {
  const last = parent.items.at(-1);
  if (parent.isFlow || !last) {
    const written = values.map(writeInline).join(", ");
    const at = last ? last.end : parent.start + 1;
    return [{ start: at, end: at, text: last ? `, ${written}` : written }];
  }
  const dash = source.lastIndexOf("-", last.start);
  const indent = columnOf(source, dash);
  return [
    insertLines(source, last.end, values.map((value) => writeItem(value, indent)).join("\n")),
  ];
}

/** Return the text of an entry as it is written, moved to the left edge: for the clipboard. */
export function sourceOfEntry(tree: SourceTree, path: Path): string {
  const parent = nodeAt(tree.root, path.slice(0, -1));
  const entry = entryOf(parent, path.at(-1) ?? "");
  if (parent?.type !== "mapping" || !entry) return "";
  const indent = columnOf(tree.source, entry.keyStart);
  const written = tree.source.slice(entry.keyStart, entryEnd(entry)).replace(/\n+$/, "");
  const rest = restOfLine(tree.source, entry.keyStart + written.length);
  const text = !parent.isFlow && /^[ \t]+#/.test(rest) ? written + rest : written;
  return text.replaceAll(`\n${" ".repeat(indent)}`, "\n");
}

function entryEnd(entry: Entry): number {
  return Math.max(entry.keyEnd, entry.value.end);
}

function trimmedEnd(source: string, node: TreeNode): number {
  let end = node.end;
  while (end > node.start && /\s/.test(source[end - 1] ?? "")) end -= 1;
  return end;
}

function restOfLine(source: string, index: number): string {
  return source.slice(index, lineEnd(source, index));
}

function lineEnd(source: string, index: number): number {
  const found = source.indexOf("\n", index);
  return found < 0 ? source.length : found;
}

function columnOf(source: string, index: number): number {
  return index - (source.lastIndexOf("\n", index - 1) + 1);
}
