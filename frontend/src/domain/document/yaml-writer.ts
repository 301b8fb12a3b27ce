/** Writes values as YAML that reads back the same in every YAML 1.2 and 1.1 reader. */
import { isMap, type JsonObject, type JsonValue } from "../expressions/values";

const PLAIN = /^[A-Za-z_/][\w./@-]*(?: [\w./@-]+)*$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|\.nan|\.inf)$/i;
/** What a block cannot hold: control characters, breaks only some readers see, halves of characters. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u;
/** What is shorter stays on one line. */
const SHORT = 72;

/** Return a scalar on one line. */
export function writeScalar(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  if (PLAIN.test(value) && !WORDS.test(value) && !/^\d/.test(value)) return value;
  return quoted(value);
}

function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Return a value on one line. */
export function writeInline(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(writeInline).join(", ")}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${writeScalar(key)}: ${writeInline(item)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  return writeScalar(value);
}

/** Return what follows `key:`, with its leading space or line break, for a key indented by so many spaces. */
export function writeAfterKey(value: JsonValue, indent: number): string {
  if (typeof value === "string" && isForBlock(value)) return ` ${literal(value, indent + 2)}`;
  if (isMap(value) && Object.keys(value).length > 0 && !fitsInline(value)) {
    return `\n${writeEntries(value, indent + 2)}`;
  }
  if (Array.isArray(value) && value.length > 0 && !fitsInline(value)) {
    return `\n${value.map((item) => writeItem(item, indent + 2)).join("\n")}`;
  }
  return ` ${writeInline(value)}`;
}

/** Return the entries of a mapping, each on lines of its own. */
export function writeEntries(value: JsonObject, indent: number): string {
  return Object.entries(value)
    .map(([key, item]) => writeEntry(key, item, indent))
    .join("\n");
}

/** Return one entry without a line break at its end. */
export function writeEntry(key: string, value: JsonValue, indent: number): string {
  return `${" ".repeat(indent)}${writeScalar(key)}:${writeAfterKey(value, indent)}`;
}

/** Return one item of a block sequence. */
export function writeItem(value: JsonValue, indent: number): string {
  const lead = `${" ".repeat(indent)}- `;
  if (typeof value === "string" && isForBlock(value)) return `${lead}${literal(value, indent + 2)}`;
  if (isMap(value) && Object.keys(value).length > 0 && !fitsInline(value)) {
    return lead + writeEntries(value, indent + 2).slice(indent + 2);
  }
  return lead + writeInline(value);
}

function fitsInline(value: JsonValue): boolean {
  const written = writeInline(value);
  return written.length <= SHORT && !written.includes("\\n");
}

/** Whether a text is better read as a block: several lines, and nothing a block cannot say. */
function isForBlock(value: string): boolean {
  return (
    value.includes("\n") &&
    value.trim() !== "" &&
    !UNSAFE.test(value.replaceAll("\n", "")) &&
    !/^[ \t\n]|\t/.test(value)
  );
}

function literal(value: string, indent: number): string {
  const body = value.replace(/\n+$/, "");
  const trailing = value.length - body.length;
  const chomping = trailing === 0 ? "-" : trailing === 1 ? "" : "+";
  const pad = " ".repeat(indent);
  const lines = body.split("\n").map((line) => (line === "" ? "" : pad + line));
  return `|${chomping}\n${lines.join("\n")}${"\n".repeat(Math.max(0, trailing - 1))}`;
}
