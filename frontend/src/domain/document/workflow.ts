/** A workflow as its text says: its steps in the blocks that give them their scopes, and the edges between them. */
import { isMap, type JsonObject } from "../expressions/values";
import { type EdgeType, edgesOfBlock, innerSteps } from "./edges";
import { type Path, readSource, type SourceTree, toData, writtenPath } from "./source-tree";
import { isStepKind, STEP_KINDS, type StepKind } from "./words";

export type BlockKind = "steps" | "loop" | "recovery" | "undo" | "on_failure";

/** Steps beside each other: those of the document, a loop, `on_error`, `on_failure`, an undo. */
export interface Block {
  kind: BlockKind;
  path: Path;
  /** Its path as problems write it, such as `steps.polish.do`. */
  id: string;
  steps: JsonObject;
  outer: Block | undefined;
  /** The id of the step of the outer block that holds this one. */
  owner: string | undefined;
  /** Names that this block adds to the scope. */
  variables: readonly string[];
}

/** A step that is a mapping. `path` (`steps.polish.do.check`) is its identity in the whole application. */
export interface Step {
  id: string;
  path: string;
  parts: Path;
  /** Empty unless it has exactly one. */
  kind: StepKind | "";
  data: JsonObject;
  block: Block;
  /** The path of the step it is inside of. */
  parent: string | undefined;
}

/** An edge between two steps, by their paths. */
export interface Edge {
  id: string;
  source: string;
  target: string;
  type: EdgeType;
}

export interface Workflow {
  tree: SourceTree;
  data: JsonObject;
  blocks: Block[];
  steps: Step[];
  byPath: ReadonlyMap<string, Step>;
  edges: Edge[];
}

const KEPT = 8;
const read = new Map<string, Workflow>();

/** Return the workflow a text says; texts read lately are remembered, so views may all call it. */
export function readWorkflow(source: string): Workflow {
  const known = read.get(source);
  if (known) return known;
  const made = build(readSource(source));
  read.set(source, made);
  const oldest = read.keys().next().value;
  if (read.size > KEPT && oldest !== undefined) read.delete(oldest);
  return made;
}

function build(tree: SourceTree): Workflow {
  const value = tree.root ? toData(tree.root) : null;
  const data = isMap(value) ? value : {};
  const blocks: Block[] = [];
  const steps: Step[] = [];
  const root = block("steps", ["steps"], innerSteps(data, "steps"));
  enter(root, undefined, { blocks, steps });
  if (isMap(data.on_failure)) {
    const path = ["on_failure", "do"];
    const last = block("on_failure", path, innerSteps(data.on_failure, "do"), {
      outer: root,
      variables: ["error"],
    });
    enter(last, undefined, { blocks, steps });
  }
  const byPath = new Map(steps.map((step) => [step.path, step]));
  return { tree, data, blocks, steps, byPath, edges: edgesOf(blocks) };
}

function block(
  kind: BlockKind,
  path: Path,
  steps: JsonObject,
  more: { outer?: Block; owner?: string; variables?: readonly string[] } = {},
): Block {
  const { outer, owner, variables = [] } = more;
  return { kind, path, id: writtenPath(path), steps, outer, owner, variables };
}

function enter(
  found: Block,
  parent: string | undefined,
  into: { blocks: Block[]; steps: Step[] },
): void {
  into.blocks.push(found);
  for (const [id, data] of Object.entries(found.steps)) {
    if (!isMap(data)) continue;
    const parts = found.kind === "undo" ? [...found.path, "undo"] : [...found.path, id];
    const step: Step = {
      id,
      path: writtenPath(parts),
      parts,
      kind: kindOf(data),
      data,
      block: found,
      parent,
    };
    into.steps.push(step);
    for (const inner of innerBlocks(step)) enter(inner, step.path, into);
  }
}

function innerBlocks(step: Step): Block[] {
  const { data, parts, id } = step;
  const more = { outer: step.block, owner: id };
  const found: Block[] = [];
  if ("loop" in data) {
    found.push(
      block("loop", [...parts, "do"], innerSteps(data, "do"), {
        ...more,
        variables: loopNames(data),
      }),
    );
  }
  if (isMap(data.on_error) && isMap(data.on_error.do)) {
    found.push(
      block("recovery", [...parts, "on_error", "do"], data.on_error.do, {
        ...more,
        variables: ["error"],
      }),
    );
  }
  if (isMap(data.undo)) found.push(block("undo", parts, { undo: data.undo }, more));
  return found;
}

function loopNames(data: JsonObject): string[] {
  const loop = isMap(data.loop) ? data.loop : {};
  if ("until" in loop) return ["index", "previous"];
  return ["index", typeof loop.as === "string" ? loop.as : "item"];
}

function kindOf(data: JsonObject): StepKind | "" {
  const kinds = STEP_KINDS.filter((kind) => kind in data);
  return kinds.length === 1 && kinds[0] && isStepKind(kinds[0]) ? kinds[0] : "";
}

function edgesOf(blocks: Block[]): Edge[] {
  return blocks
    .filter((one) => one.kind !== "undo")
    .flatMap((one) =>
      [...edgesOfBlock(one.steps)].flatMap(([target, edges]) =>
        edges.map((edge) => {
          const [source, into] = [`${one.id}.${edge.source}`, `${one.id}.${target}`];
          return { id: `${source}>${into}`, source, target: into, type: edge.type };
        }),
      ),
    );
}

/** Return the steps an expression of a step can name, the nearest block first. */
export function stepsInScope(step: Step): { id: string; path: string }[] {
  const seen = new Map<string, string>();
  for (let found: Block | undefined = step.block; found; found = found.outer) {
    for (const id of Object.keys(found.steps)) if (!seen.has(id)) seen.set(id, `${found.id}.${id}`);
  }
  seen.delete(step.id);
  return [...seen].map(([id, path]) => ({ id, path }));
}

/** Return the path of the step that a step of a run is: `polish[1].check` is `steps.polish.do.check`. */
export function pathOfRunStep(workflow: Workflow, runPath: string): string | undefined {
  const parts = runPath.replace(/\[\d+\]/g, "").split(".");
  let base = "steps";
  if (parts[0] === "on_failure" && parts.length > 1) {
    base = "on_failure.do";
    parts.shift();
  }
  let found = "";
  for (const part of parts) {
    if (part === "on_error") base = `${found}.on_error.do`;
    else {
      found = part === "undo" && found ? `${found}.undo` : `${base}.${part}`;
      base = `${found}.do`;
    }
  }
  return workflow.byPath.has(found) ? found : undefined;
}

/** Return an id that no step of the workflow has. */
export function freeId(workflow: Workflow, wanted: string): string {
  const taken = new Set(workflow.steps.map((step) => step.id));
  const base =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^[^a-z]+|_+$/g, "") || "step";
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}
