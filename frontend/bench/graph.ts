/** The workflow that is drawn: so many steps in rows of ten, the same places and wires for the builder and the bare page. */
import { CARD, GAP } from "@/domain/layout/sizes";

export const COLUMNS = 10;
export const PITCH = { x: CARD.width + GAP.x, y: CARD.height + GAP.y } as const;

export interface Placed {
  id: string;
  x: number;
  y: number;
  /** The steps it waits for. */
  needs: string[];
}

export function grid(count: number): Placed[] {
  return Array.from({ length: count }, (_, n) => {
    const [column, row] = [n % COLUMNS, Math.floor(n / COLUMNS)];
    const needs = column > 0 ? [idOf(n - 1)] : row > 0 ? [idOf(n - COLUMNS)] : [];
    return { id: idOf(n), x: column * PITCH.x, y: row * PITCH.y, needs };
  });
}

export function idOf(n: number): string {
  return `s${n}`;
}

/** The grid as the text of a workflow. */
export function sourceOf(count: number, kind = 'transform: "${inputs.text}"'): string {
  const steps = grid(count).map(
    ({ id, needs }) => `  ${id}: {${kind}, needs: [${needs.join(", ")}]}`,
  );
  return `apiVersion: flowloom/v1
kind: Workflow
metadata: {name: bench-${count}}
inputs: {type: object, required: [text], properties: {text: {type: string}}}
steps:
${steps.join("\n")}
`;
}

/** The grid as the places of a workflow's layout. */
export function layoutOf(count: number): { nodes: Record<string, { x: number; y: number }> } {
  return {
    nodes: Object.fromEntries(grid(count).map(({ id, x, y }) => [`steps.${id}`, { x, y }])),
  };
}
