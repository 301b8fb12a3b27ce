/** The workflow as a graph for ELK, and ELK's answer as places of cards. */
import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";
import { casesByTarget } from "../document/edges";
import type { Edge, Step, Workflow } from "../document/workflow";
import { arrange } from "./arrange";
import type { Layout, Point } from "./layout";
import {
  BRANCH_HEIGHT,
  CARD,
  CONTAINER_HEAD,
  CONTAINER_PAD,
  GAP,
  GRID,
  isContainer,
} from "./sizes";

const SPACING = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.spacing.nodeNode": String(GAP.y),
  "elk.layered.spacing.nodeNodeBetweenLayers": String(GAP.x),
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
};
const INSIDE = `[top=${CONTAINER_HEAD + CONTAINER_PAD / 2},left=${CONTAINER_PAD},bottom=${CONTAINER_PAD},right=${CONTAINER_PAD}]`;

/** Return the graph of the steps of a block, those of its loops inside them; `only` leaves the others out. */
export function tidyGraph(workflow: Workflow, block: string, only?: ReadonlySet<string>): ElkNode {
  const places = arrange(workflow, { version: 1, nodes: {}, notes: [], groups: [], pins: {} });
  const nodeOf = (step: Step): ElkNode => {
    const place = places.get(step.path);
    const size = { width: place?.width ?? CARD.width, height: place?.height ?? CARD.height };
    const inside = isContainer(step) ? graphOf(`${step.path}.do`) : undefined;
    if (!inside?.children?.length) return { id: step.path, ...size, ...portsOf(step, size.width) };
    return { id: step.path, ...inside, layoutOptions: { ...SPACING, "elk.padding": INSIDE } };
  };
  const graphOf = (id: string, chosen?: ReadonlySet<string>) => {
    const steps = workflow.steps.filter(
      (step) => step.block.id === id && (!chosen || chosen.has(step.path)),
    );
    const here = new Set(steps.map((step) => step.path));
    const edges = workflow.edges.filter((edge) => here.has(edge.source) && here.has(edge.target));
    return {
      children: steps.map(nodeOf),
      edges: edges.flatMap((edge) => wiresOf(workflow, edge)),
    };
  };
  return { id: "all", layoutOptions: SPACING, ...graphOf(block, only) };
}

/** The cases of a switch leave it in their order. */
function portsOf(step: Step, width: number): Partial<ElkNode> {
  if (step.kind !== "switch" || !Array.isArray(step.data.switch)) return {};
  const ports = step.data.switch.map((_, position) => ({
    id: `${step.path}#${position}`,
    x: width,
    y: CARD.height + BRANCH_HEIGHT * (position + 0.5),
    width: 1,
    height: 1,
  }));
  return { ports, layoutOptions: { "elk.portConstraints": "FIXED_POS" } };
}

function wiresOf(workflow: Workflow, edge: Edge): ElkExtendedEdge[] {
  const [source, target] = [workflow.byPath.get(edge.source), workflow.byPath.get(edge.target)];
  const cases = source && target ? (casesByTarget(source.data).get(target.id) ?? []) : [];
  if (edge.type !== "switch" || cases.length === 0)
    return [{ id: edge.id, sources: [edge.source], targets: [edge.target] }];
  return cases.map((one) => ({
    id: `${edge.id}#${one}`,
    sources: [`${edge.source}#${one}`],
    targets: [edge.target],
  }));
}

/** Return the places of all steps after ELK placed the main ones; what stands below them follows. */
export function tidied(workflow: Workflow, placed: ElkNode, layout: Layout): Record<string, Point> {
  const nodes = Object.fromEntries(placesIn(placed));
  const all = arrange(workflow, { ...layout, nodes });
  return Object.fromEntries([...all.values()].map(({ path, x, y }) => [path, { x, y }]));
}

/** Return the places of chosen steps; the first of them keeps the corner where they stood. */
export function tidiedAt(placed: ElkNode, corner: Point): Record<string, Point> {
  const tops = (placed.children ?? []).map(({ x = 0, y = 0 }) => ({ x, y }));
  const shift = {
    x: corner.x - Math.min(...tops.map(({ x }) => x)),
    y: corner.y - Math.min(...tops.map(({ y }) => y)),
  };
  const outer = new Set((placed.children ?? []).map((node) => node.id));
  return Object.fromEntries(
    placesIn(placed).map(([path, { x, y }]) => [
      path,
      outer.has(path) ? snapped({ x: x + shift.x, y: y + shift.y }) : { x, y },
    ]),
  );
}

function placesIn(node: ElkNode): [string, Point][] {
  return (node.children ?? []).flatMap((child): [string, Point][] => [
    [child.id, snapped({ x: child.x ?? 0, y: child.y ?? 0 })],
    ...placesIn(child),
  ]);
}

function snapped({ x, y }: Point): Point {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID };
}
