/** The text of a document as a tree that knows where each part is written: what every edit starts from. */
import {
  type Alias,
  type Document,
  isAlias,
  isSeq,
  isMap as isYamlMap,
  isScalar as isYamlScalar,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Scalar as YamlScalar,
} from "yaml";
import type { JsonObject, JsonValue } from "../expressions/values";

export type PathPart = string | number;
export type Path = readonly PathPart[];

interface Placed {
  /** Characters of the source; `end` is exclusive and leaves out what follows the content. */
  start: number;
  end: number;
}
export interface ScalarNode extends Placed {
  type: "scalar";
  value: string | number | boolean | null;
  /** The quote or block indicator it is written with, empty for plain text. */
  style: "" | "'" | '"' | "|" | ">";
}
export interface MappingNode extends Placed {
  type: "mapping";
  isFlow: boolean;
  entries: Entry[];
}
export interface SequenceNode extends Placed {
  type: "sequence";
  isFlow: boolean;
  items: TreeNode[];
}
export type TreeNode = ScalarNode | MappingNode | SequenceNode;
export interface Entry {
  key: string;
  keyStart: number;
  keyEnd: number;
  value: TreeNode;
}

/** A text that was read; `root` is undefined when it is no YAML, and `errors` say why. */
export interface SourceTree {
  source: string;
  root: TreeNode | undefined;
  errors: SourceError[];
}

/** Why a text cannot be read, and where. */
export interface SourceError {
  code: string;
  message: string;
  pos: readonly [number, number];
}

const STYLES = {
  PLAIN: "",
  QUOTE_DOUBLE: '"',
  QUOTE_SINGLE: "'",
  BLOCK_LITERAL: "|",
  BLOCK_FOLDED: ">",
} as const;

/** Nodes after aliases are expanded, as the server counts them. */
const MOST_NODES = 100_000;

/** Read a text: YAML 1.2 core, duplicate keys are errors. Never throws. */
export function readSource(source: string): SourceTree {
  const lines = new LineCounter();
  const document = parseDocument(source, { version: "1.2", lineCounter: lines, uniqueKeys: true });
  const builder = new Builder(document);
  const root = document.errors.length > 0 ? undefined : builder.node(document.contents, 0);
  const errors = [...document.errors, ...builder.errors, ...forbidden(source)];
  return { source, root: errors.length > 0 ? undefined : root, errors };
}

/** Control characters are no YAML, though the reader lets them pass. */
function forbidden(source: string): SourceError[] {
  const at = source.search(/(?![\t\n\r\u0085])[\p{Cc}\ufffe\uffff]/u);
  if (at < 0) return [];
  const code = source.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  return [
    { code: "CHARACTER", message: `The character U+${code} is not allowed.`, pos: [at, at + 1] },
  ];
}

class Builder {
  readonly errors: SourceError[] = [];
  private readonly document: Document.Parsed;
  private readonly open = new Set<ParsedNode>();
  private count = 0;

  constructor(document: Document.Parsed) {
    this.document = document;
  }

  node(node: ParsedNode | null, at: number): TreeNode {
    this.count += 1;
    if (this.count > MOST_NODES)
      return this.refused("TOO_LARGE", "The aliases make the document too large.", at);
    if (isAlias(node)) return this.alias(node, at);
    if (isYamlMap(node)) {
      return this.within(node, () => this.mapping(node.items as Pair[], node.range, !!node.flow));
    }
    if (isSeq(node)) {
      return this.within(node, () =>
        this.sequence(node.items as ParsedNode[], node.range, !!node.flow),
      );
    }
    if (isYamlScalar(node)) return scalar(node, at);
    return nothing(at);
  }

  /** A part that is shared is shown where it is used; its place is the alias. */
  private alias(node: Alias, at: number): TreeNode {
    const [start = at, end = at] = node.range ?? [];
    const target = node.resolve(this.document) as ParsedNode | undefined;
    if (!target)
      return this.refused("ALIAS", `The alias *${node.source} refers to nothing.`, start);
    if (this.open.has(target)) {
      return this.refused(
        "ALIAS",
        `The alias *${node.source} refers to a value that holds it.`,
        start,
      );
    }
    return { ...this.node(target, at), start, end };
  }

  private within(node: ParsedNode, build: () => TreeNode): TreeNode {
    this.open.add(node);
    const made = build();
    this.open.delete(node);
    return made;
  }

  private refused(code: string, message: string, at: number): TreeNode {
    if (this.errors.length === 0) this.errors.push({ code, message, pos: [at, at + 1] });
    return nothing(at);
  }

  private mapping(pairs: Pair[], range: readonly number[], isFlow: boolean): MappingNode {
    const [start = 0, limit = 0] = range;
    const entries = pairs.map((pair) => this.entry(pair));
    const last = entries.at(-1);
    return {
      type: "mapping",
      isFlow,
      entries,
      start,
      end: isFlow || !last ? limit : last.value.end,
    };
  }

  private entry(pair: Pair): Entry {
    const key = pair.key as YamlScalar;
    const [keyStart, keyEnd] = key.range ?? [0, 0];
    const value = this.node(pair.value as ParsedNode | null, keyEnd);
    return { key: String(key.value ?? ""), keyStart, keyEnd, value };
  }

  private sequence(nodes: ParsedNode[], range: readonly number[], isFlow: boolean): SequenceNode {
    const [start = 0, limit = 0] = range;
    const items = nodes.map((node) => this.node(node, start));
    const last = items.at(-1);
    return { type: "sequence", isFlow, items, start, end: isFlow || !last ? limit : last.end };
  }
}

function scalar(node: YamlScalar, at: number): ScalarNode {
  const [start, end] = node.range ?? [at, at];
  const value = node.value;
  const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
  const style = STYLES[(node.type ?? "PLAIN") as keyof typeof STYLES] ?? "";
  return {
    type: "scalar",
    style,
    start,
    end,
    value: isPlain ? (value as ScalarNode["value"]) : String(value),
  };
}

function nothing(at: number): ScalarNode {
  return { type: "scalar", style: "", start: at, end: at, value: null };
}

/** Return the entry of a mapping under a key. */
export function entryOf(node: TreeNode | undefined, key: PathPart): Entry | undefined {
  return node?.type === "mapping" ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** Return the node at a path below another one. */
export function nodeAt(root: TreeNode | undefined, path: Path): TreeNode | undefined {
  let found = root;
  for (const part of path) {
    if (found?.type === "sequence" && typeof part === "number") found = found.items[part];
    else found = entryOf(found, part)?.value;
  }
  return found;
}

/** Return the plain value of a node. */
export function toData(node: TreeNode): JsonValue {
  if (node.type === "scalar") return node.value;
  if (node.type === "sequence") return node.items.map(toData);
  const made: JsonObject = {};
  for (const entry of node.entries) made[entry.key] = toData(entry.value);
  return made;
}

/** Return a path as problems write it: `steps.a.switch[0].then`. */
export function writtenPath(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${part}` : part,
    "",
  );
}

/** Read a path as problems write it. */
export function readPath(text: string): PathPart[] {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((found) =>
    found[1] === undefined ? found[0] : Number(found[1]),
  );
}
