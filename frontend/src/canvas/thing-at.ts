/** What of the canvas an element belongs to. */
import type { Wire } from "./canvas-events";

export interface Thing {
  /** A card, a note or a frame. */
  id?: string;
  wire?: Wire;
}

const WIRE = /^(?<source>.+)>(?<target>.+?)(?:#(?<branch>\d+))?$/;

export function thingAt(element: Element): Thing {
  const id = element.closest<HTMLElement>(".react-flow__node")?.dataset.id;
  if (id) return { id };
  const edge = element.closest<HTMLElement>("[data-wire], .react-flow__edge")?.dataset;
  const { source, target, branch } = WIRE.exec(edge?.wire ?? edge?.id ?? "")?.groups ?? {};
  if (!source || !target) return {};
  return { wire: { source, target, ...(branch ? { branch: Number(branch) } : {}) } };
}
