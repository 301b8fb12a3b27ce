/** Steps that wait for each other. */
import { entryOf, nodeAt } from "../document/source-tree";
import type { Block, Workflow } from "../document/workflow";
import type { Found } from "./found";

export function cycleProblems(workflow: Workflow): Found[] {
  return workflow.blocks
    .filter((block) => block.kind !== "undo")
    .flatMap((block) => cyclesOf(workflow, block).map((cycle) => told(workflow, block, cycle)));
}

function told(workflow: Workflow, block: Block, cycle: string[]): Found {
  const [first = ""] = cycle;
  const entry = entryOf(nodeAt(workflow.tree.root, block.path), first);
  return {
    code: "cycle",
    path: `${block.id}.${first}`,
    start: entry?.keyStart ?? 0,
    end: entry?.keyEnd ?? 1,
    message: `The steps wait for each other: ${[...cycle, first].join(" → ")}.`,
    hint: "Take one of these references or needs away.",
  };
}

/** Return one cycle of every group of steps that wait for each other, from its first step in the document. */
function cyclesOf(workflow: Workflow, block: Block): string[][] {
  const ids = Object.keys(block.steps);
  const after = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const edge of workflow.edges) {
    const [source, target] = [edge.source, edge.target].map((path) => localId(block, path));
    if (source !== undefined && target !== undefined) after.get(source)?.push(target);
  }
  const stuck = neverFree(after);
  const seen = new Set<string>();
  const cycles: string[][] = [];
  for (const id of ids) {
    if (seen.has(id) || !stuck.has(id)) continue;
    const cycle = wayBack(after, id);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const member of cycle) seen.add(member);
  }
  return cycles;
}

/** Return the steps in cycles and after them: of a workflow without one nothing has to be searched. */
function neverFree(after: ReadonlyMap<string, string[]>): ReadonlySet<string> {
  const waiting = new Map<string, number>([...after.keys()].map((id) => [id, 0]));
  for (const next of [...after.values()].flat()) waiting.set(next, (waiting.get(next) ?? 0) + 1);
  const free = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    waiting.delete(id);
    for (const next of after.get(id) ?? []) {
      const count = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, count);
      if (count === 0) free.push(next);
    }
  }
  return new Set(waiting.keys());
}

function localId(block: Block, path: string): string | undefined {
  const cut = path.lastIndexOf(".");
  return path.slice(0, cut) === block.id ? path.slice(cut + 1) : undefined;
}

/** Return the shortest way from a step back to itself. */
function wayBack(after: ReadonlyMap<string, string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const work = [start];
  for (let at = work.shift(); at !== undefined; at = work.shift()) {
    for (const next of after.get(at) ?? []) {
      if (next === start) return trace(cameFrom, start, at);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      work.push(next);
    }
  }
  return undefined;
}

function trace(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [end];
  while (way[0] !== start && way[0] !== undefined) way.unshift(cameFrom.get(way[0]) ?? start);
  return way;
}
