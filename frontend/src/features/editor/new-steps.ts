/** What a new step is made of, and which wires it brings. */
import type { AddRequest } from "@/canvas/canvas-events";
import { disconnectEdits } from "@/domain/document/connections";
import type { Operation } from "@/domain/document/operations";
import type { Workflow } from "@/domain/document/workflow";
import type { JsonObject } from "@/domain/expressions/values";

/** Return the fields whose references draw a wire, so that it cannot be cut. */
export function cut(workflow: Workflow, source: string, target: string): string[] {
  const [from, to] = [workflow.byPath.get(source), workflow.byPath.get(target)];
  if (!from || !to) return [];
  const found = disconnectEdits(workflow, from, to);
  return "references" in found ? found.references : [];
}

/** A new step's wires: from the step before it, or in the place of the wire it is put into. */
export function wiresFor(request: AddRequest, path: string): Operation[] {
  const { source, branch, into } = request;
  if (into) {
    return [
      {
        op: "connect",
        source: into.source,
        target: path,
        ...(into.branch === undefined ? {} : { branch: into.branch }),
      },
      { op: "disconnect", source: into.source, target: into.target },
      { op: "connect", source: path, target: into.target },
    ];
  }
  return source
    ? [{ op: "connect", source, target: path, ...(branch === undefined ? {} : { branch }) }]
    : [];
}

/** The example of a kind names steps and inputs that are not here; what stays is what can stand alone. */
export function fresh(kind: string, example: JsonObject): JsonObject {
  if (kind === "switch") return { switch: [{ when: "${true}", then: [] }, { else: [] }] };
  return example;
}

export function nameFor(kind: string, example: JsonObject): string {
  const value = example[kind];
  if (kind === "agent" && typeof value === "string") return value;
  if (kind === "http") return "request";
  if (kind === "llm") return "answer";
  return kind;
}

export function snapped({ x, y }: { x: number; y: number }) {
  return { x: Math.round(x / 8) * 8, y: Math.round(y / 8) * 8 };
}
