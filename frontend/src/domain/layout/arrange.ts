/** Gives every step a place: its own where somebody put it, else one in layers from left to right. */
import type { Block, Edge, Step, Workflow } from "../document/workflow";
import type { Layout, Point } from "./layout";
import {
  CONTAINER_HEAD,
  CONTAINER_PAD,
  cardSize,
  EMPTY_CONTAINER,
  GAP,
  GRID,
  isContainer,
  type Size,
} from "./sizes";

/** Where a step stands; inside a container relative to it. */
export interface Placed extends Point, Size {
  path: string;
  parent: string | undefined;
}

/** Return the places of all steps, the outer before the inner. */
export function arrange(workflow: Workflow, layout: Layout): Map<string, Placed> {
  const sizes = new Map<string, Size>();
  const places = new Map<string, Point>();
  for (const block of workflow.blocks.toReversed())
    placeBlock(workflow, block, layout, { sizes, places });
  offsetBlocks(workflow, layout, { sizes, places });
  return new Map(
    workflow.steps
      .filter((step) => step.block.kind !== "undo")
      .map((step) => {
        const size = sizes.get(step.path) ?? cardSize(step);
        const place = places.get(step.path) ?? { x: 0, y: 0 };
        return [step.path, { path: step.path, parent: containerOf(step), ...size, ...place }];
      }),
  );
}

interface Known {
  sizes: Map<string, Size>;
  places: Map<string, Point>;
}

/** Steps of a loop are drawn inside it; those of recoveries stand below the rest. */
export function containerOf(step: Step): string | undefined {
  return step.block.kind === "loop" ? step.parent : undefined;
}

function placeBlock(workflow: Workflow, block: Block, layout: Layout, known: Known): void {
  const steps = workflow.steps.filter((step) => step.block === block);
  for (const step of steps)
    if (!known.sizes.has(step.path)) known.sizes.set(step.path, cardSize(step));
  if (block.kind === "undo") return;
  const paths = new Set(steps.map((step) => step.path));
  const edges = workflow.edges.filter((edge) => paths.has(edge.target));
  const made = layered(steps, edges, known.sizes);
  for (const step of steps) {
    const own = layout.nodes[step.path];
    known.places.set(step.path, own ?? made.get(step.path) ?? { x: 0, y: 0 });
  }
  avoidOverlap(steps, layout, known);
  const owner = block.kind === "loop" ? steps[0]?.parent : undefined;
  if (owner) known.sizes.set(owner, wrapped(steps, known));
  for (const step of workflow.steps) {
    if (isContainer(step) && !known.sizes.has(step.path) && steps.length === 0)
      known.sizes.set(step.path, EMPTY_CONTAINER);
  }
}

/** A container is as large as what it holds. */
function wrapped(steps: Step[], known: Known): Size {
  const ends = steps.map((step) => {
    const place = known.places.get(step.path) ?? { x: 0, y: 0 };
    const size = known.sizes.get(step.path) ?? EMPTY_CONTAINER;
    return { x: place.x + size.width, y: place.y + size.height };
  });
  return {
    width: Math.max(EMPTY_CONTAINER.width, ...ends.map((end) => end.x + CONTAINER_PAD)),
    height: Math.max(EMPTY_CONTAINER.height, ...ends.map((end) => end.y + CONTAINER_PAD)),
  };
}

/** Layers by the longest way from a step without sources; in a layer in the order of the document. */
export function layered(
  steps: Step[],
  edges: readonly Edge[],
  sizes: ReadonlyMap<string, Size>,
): Map<string, Point> {
  const layers = layersOf(steps, edges);
  const isInside = steps[0]?.block.kind === "loop";
  const start = isInside
    ? { x: CONTAINER_PAD, y: CONTAINER_HEAD + CONTAINER_PAD / 2 }
    : { x: 0, y: 0 };
  const heights = layers.map((layer) =>
    total(
      layer.map((step) => sizeOf(sizes, step).height),
      GAP.y,
    ),
  );
  const tallest = Math.max(0, ...heights);
  const places = new Map<string, Point>();
  let x = start.x;
  layers.forEach((layer, position) => {
    let y = start.y + (tallest - (heights[position] ?? 0)) / 2;
    for (const step of layer) {
      places.set(step.path, { x: snap(x), y: snap(y) });
      y += sizeOf(sizes, step).height + GAP.y;
    }
    x += Math.max(...layer.map((step) => sizeOf(sizes, step).width)) + GAP.x;
  });
  return places;
}

function layersOf(steps: Step[], edges: readonly Edge[]): Step[][] {
  const depths = new Map<string, number>();
  const sources = Map.groupBy(edges, (edge) => edge.target);
  const visiting = new Set<string>();
  const depthOf = (path: string): number => {
    const known = depths.get(path);
    if (known !== undefined) return known;
    if (visiting.has(path)) return 0;
    visiting.add(path);
    const depth = Math.max(0, ...(sources.get(path) ?? []).map((edge) => depthOf(edge.source) + 1));
    visiting.delete(path);
    depths.set(path, depth);
    return depth;
  };
  const layers: Step[][] = [];
  for (const step of steps) {
    const depth = depthOf(step.path);
    layers[depth] = [...(layers[depth] ?? []), step];
  }
  return ordered(
    Array.from(layers, (layer) => layer ?? []).filter((layer) => layer.length > 0),
    sources,
  );
}

/** Steps of a layer follow the order of the steps they wait for, so that wires cross less. */
function ordered(layers: Step[][], sources: ReadonlyMap<string, readonly Edge[]>): Step[][] {
  const ranks = new Map<string, number>();
  return layers.map((layer) => {
    const weight = (step: Step): number => {
      const found = (sources.get(step.path) ?? []).map((edge) => ranks.get(edge.source) ?? 0);
      return found.length === 0 ? 0 : found.reduce((sum, rank) => sum + rank, 0) / found.length;
    };
    const sorted = layer.toSorted((one, other) => weight(one) - weight(other));
    for (const [rank, step] of sorted.entries()) ranks.set(step.path, rank / sorted.length);
    return sorted;
  });
}

/** A step without a place of its own is moved down until it covers none that has one. */
function avoidOverlap(steps: Step[], layout: Layout, known: Known): void {
  const fixed = steps.filter((step) => layout.nodes[step.path]);
  if (fixed.length === 0) return;
  for (const step of steps.filter((one) => !layout.nodes[one.path])) {
    const size = sizeOf(known.sizes, step);
    const place = { ...(known.places.get(step.path) ?? { x: 0, y: 0 }) };
    for (let tries = 0; tries < 50; tries += 1) {
      const hit = fixed.find((other) => overlaps(place, size, known, other));
      if (!hit) break;
      place.y = (known.places.get(hit.path)?.y ?? 0) + sizeOf(known.sizes, hit).height + GAP.y;
    }
    known.places.set(step.path, place);
    fixed.push(step);
  }
}

function overlaps(place: Point, size: Size, known: Known, other: Step): boolean {
  const at = known.places.get(other.path) ?? { x: 0, y: 0 };
  const its = sizeOf(known.sizes, other);
  return (
    place.x < at.x + its.width &&
    at.x < place.x + size.width &&
    place.y < at.y + its.height &&
    at.y < place.y + size.height
  );
}

/** Recoveries and the steps of a failed run have rows of their own below the workflow. */
function offsetBlocks(workflow: Workflow, layout: Layout, known: Known): void {
  const main = workflow.steps.filter((step) => step.block.kind === "steps");
  let y = bottom(main, known) + GAP.y * 3;
  for (const block of workflow.blocks.filter(
    (one) => one.kind === "recovery" || one.kind === "on_failure",
  )) {
    const steps = workflow.steps.filter((step) => step.block === block);
    const height = bottom(steps, known);
    for (const step of steps.filter((one) => !layout.nodes[one.path])) {
      const place = known.places.get(step.path) ?? { x: 0, y: 0 };
      known.places.set(step.path, { x: place.x, y: place.y + y });
    }
    y += height + GAP.y * 2;
  }
}

function bottom(steps: Step[], known: Known): number {
  return Math.max(
    0,
    ...steps.map(
      (step) => (known.places.get(step.path)?.y ?? 0) + sizeOf(known.sizes, step).height,
    ),
  );
}

function sizeOf(sizes: ReadonlyMap<string, Size>, step: Step): Size {
  return sizes.get(step.path) ?? (isContainer(step) ? EMPTY_CONTAINER : cardSize(step));
}

function total(lengths: number[], gap: number): number {
  return lengths.reduce((sum, length) => sum + length, 0) + gap * Math.max(0, lengths.length - 1);
}

function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}
