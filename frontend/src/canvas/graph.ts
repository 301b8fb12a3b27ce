/** The document as React Flow wants it: the only place where one becomes the other. */
import type { Edge as FlowEdge, Node as FlowNode, NodeHandle } from "@xyflow/react";
import { casesByTarget } from "@/domain/document/edges";
import type { Edge, Workflow } from "@/domain/document/workflow";
import type { Placed } from "@/domain/layout/arrange";
import { GROUP_PREFIX, type Layout, NOTE_PREFIX, type Note } from "@/domain/layout/layout";
import { isContainer, type Size } from "@/domain/layout/sizes";
import type { CardState } from "@/domain/runs/step-states";
import type { Frame } from "./frames";
import { handlesOfFrame, handlesOfStep } from "./handles";

export type StepNode = FlowNode<Record<string, never>, "step" | "container">;
export type NoteNode = FlowNode<{ note: Note }, "note">;
export type FrameNode = FlowNode<{ frame: Frame }, "frame">;
export type CanvasNode = StepNode | NoteNode | FrameNode;
export interface WireData extends Record<string, unknown> {
  type: Edge["type"];
  branch?: number;
  tone: "idle" | "active" | "done" | "off";
}
export type WireEdge = FlowEdge<WireData, "wire">;

const NOTHING: Record<string, never> = {};

export function nodesOf(places: ReadonlyMap<string, Placed>, workflow: Workflow): StepNode[] {
  return [...places.values()].map((place) => {
    const step = workflow.byPath.get(place.path);
    return {
      id: place.path,
      type: step && isContainer(step) ? "container" : "step",
      position: { x: place.x, y: place.y },
      ...sized(place, step ? handlesOfStep(step, place) : []),
      data: NOTHING,
      ...(place.parent ? { parentId: place.parent } : {}),
    };
  });
}

/** With its size and the ends of its wires a node is drawn only where it is seen. */
function sized({ width, height }: Size, handles: NodeHandle[]) {
  return { width, height, measured: { width, height }, handles };
}

export function noteNodes(layout: Layout): NoteNode[] {
  return layout.notes.map((note) => ({
    id: NOTE_PREFIX + note.id,
    type: "note",
    position: { x: note.x, y: note.y },
    ...sized(note, []),
    zIndex: -1,
    data: { note },
  }));
}

/** An open frame is behind what it holds and lets the pointer through; its head is what moves it. */
export function frameNodes(frames: readonly Frame[]): FrameNode[] {
  return frames.map((frame) => ({
    id: GROUP_PREFIX + frame.group.id,
    type: "frame",
    position: { x: frame.x, y: frame.y },
    ...sized(frame, handlesOfFrame(frame, frame.isClosed)),
    zIndex: frame.isClosed ? 0 : -2,
    dragHandle: "[data-frame-handle]",
    ...(frame.isClosed ? {} : { style: { pointerEvents: "none" as const } }),
    data: { frame },
  }));
}

type Tone = WireData["tone"];
/** Wires by the edge they draw and how: React Flow draws a wire again when it is another object. */
const drawn = new WeakMap<Edge, Map<Tone, WireEdge[]>>();

export function wiresOf(workflow: Workflow, states: ReadonlyMap<string, CardState>): WireEdge[] {
  return workflow.edges.flatMap((edge) => {
    const tone = toneOf(edge, states);
    const known = drawn.get(edge) ?? new Map<Tone, WireEdge[]>();
    const wires = known.get(tone) ?? wiresOfEdge(workflow, edge, tone);
    drawn.set(edge, known.set(tone, wires));
    return wires;
  });
}

function wiresOfEdge(workflow: Workflow, edge: Edge, tone: Tone): WireEdge[] {
  if (edge.type !== "switch") return [wire(edge, { type: edge.type, tone })];
  const source = workflow.byPath.get(edge.source);
  const target = workflow.byPath.get(edge.target);
  const cases = source && target ? (casesByTarget(source.data).get(target.id) ?? []) : [];
  return cases.map((branch) => wire(edge, { type: "switch", branch, tone }));
}

function wire(edge: Edge, data: WireData): WireEdge {
  const handle = data.branch === undefined ? "out" : `case-${data.branch}`;
  return {
    id: data.branch === undefined ? edge.id : `${edge.id}#${data.branch}`,
    type: "wire",
    source: edge.source,
    target: edge.target,
    sourceHandle: handle,
    targetHandle: "in",
    data,
  };
}

function toneOf(edge: Edge, states: ReadonlyMap<string, CardState>): WireData["tone"] {
  const source = states.get(edge.source)?.status;
  const target = states.get(edge.target)?.status;
  if (!target || !source) return "idle";
  if (target === "running" || target === "waiting" || target === "retrying") return "active";
  return target === "skipped" || target === "pending" ? "off" : "done";
}

/** Read which branch a handle is. */
export function branchOf(handle: string | null | undefined): number | undefined {
  return handle?.startsWith("case-") ? Number(handle.slice(5)) : undefined;
}
